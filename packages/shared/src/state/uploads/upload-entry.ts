import { REUSES } from '@pixdock/contract/batch';
import { z } from 'zod';
import { nowMs } from '../../runtime/clock.js';
import { orUnreadable } from '../../runtime/unreadable.js';
import { BLOCK_BYTES, bytesOnDisk } from '../files/disk-bytes.js';
import { webhookTargetSchema } from '../webhooks/webhook-target.js';

/** What the bytes of an upload become. */
const targetSchema = z.discriminatedUnion('resource', [
  z.object({
    resource: z.literal('image'),
    options: z.object({
      profile: z.string(),
      externalId: z.string().nullable(),
      metadata: z.record(z.string(), z.string()),
      sha256: z.string().nullable(),
      deleteAfterSeconds: z.int().nullable().default(null),
      replace: z.boolean().default(false),
      webhookUrl: z.string().nullable(),
    }),
    filename: z.string().nullable(),
    declaredType: z.string().nullable(),
  }),
  z.object({
    resource: z.literal('batch'),
    contentType: z.string(),
    profile: z.string(),
    columns: z.string().nullable(),
    sheet: z.string().nullable().default(null),
    name: z.string().nullable().default(null),
    filename: z.string().nullable().default(null),
    webhookUrl: z.string().nullable(),
    deleteAfterSeconds: z.int().nullable().default(null),
    replace: z.boolean().default(false),
    reuse: z.array(z.enum(REUSES)).nullable().default(null),
  }),
]);
export type UploadTarget = z.output<typeof targetSchema>;
export const UPLOAD_RESOURCES = ['image', 'batch'] as const satisfies UploadTarget['resource'][];
export type TargetImage = Extract<UploadTarget, { resource: 'image' }>;
export type TargetBatch = Extract<UploadTarget, { resource: 'batch' }>;

/** A resumable upload as its creation describes it. It does not change until the upload is finished. */
export const uploadEntrySchema = z.object({
  id: z.string(),
  owner: z.string(),
  /** The upload token that created it. */
  uploadToken: z.string().nullable(),
  /** Bytes of the whole file. */
  length: z.int(),
  /** The header Upload-Metadata as it was sent. */
  metadata: z.string().nullable(),
  target: targetSchema,
  /** Of its `webhookUrl`. */
  webhook: webhookTargetSchema.nullable(),
  /** The id of the image or batch that it becomes: fixed, so that it becomes one only once. */
  resourceId: z.string(),
  /** Hashes of the Idempotency-Key, or of the upload's own id, under every key of METADATA_KEY. */
  keyHashes: z.tuple([z.string()], z.string()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type UploadEntry = z.output<typeof uploadEntrySchema>;

/** A finished upload: what its client may still ask for. `resourceId` names the image or batch that it has become. */
export const finishedUploadSchema = z.object({
  ...uploadEntrySchema.pick({
    id: true,
    owner: true,
    uploadToken: true,
    length: true,
    resourceId: true,
    createdAt: true,
    expiresAt: true,
  }).shape,
  target: z.object({ resource: z.enum(UPLOAD_RESOURCES) }),
});
export type FinishedUpload = z.output<typeof finishedUploadSchema>;

/** Bytes of the disk that an unfinished upload takes: its folder, its entry and the bytes received. */
export const bytesOfUpload = (entry: object, offset: number): number =>
  BLOCK_BYTES + bytesOnDisk(Buffer.byteLength(JSON.stringify(entry))) + bytesOnDisk(offset);

/** The id of the upload that an image or batch was made of, if it was made of one. */
export const uploadIdOf = (resourceId: string) => `upl_${resourceId.slice(4)}`;

/** Whether the time of an upload is not over. */
export const isLiveUpload = ({ expiresAt }: Pick<FinishedUpload, 'expiresAt'>): boolean =>
  Date.parse(expiresAt) > nowMs();

/** An upload from its text in staging; null without a text, or if it cannot be read. */
export async function parseUpload<T>(schema: z.ZodType<T>, text: string | null): Promise<T | null> {
  if (text === null) return null;
  const entry = await orUnreadable(async () => schema.parse(JSON.parse(text)));
  return entry === 'unreadable' ? null : entry;
}
