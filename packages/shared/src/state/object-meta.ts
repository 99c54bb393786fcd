import type { VariantResult } from '@pixdock/contract/image';
import { FORMATS, IMAGE_FORMATS, STORED_FORMATS } from '@pixdock/contract/media-type';
import { PROFILE_NAME } from '@pixdock/contract/profile';
import { z } from 'zod';
import { objectKey } from './object-key.js';
import { type ImageRecord, newInternal } from './records/image-record.js';
import { versionOfObject } from './records/restore-record.js';

const variantMeta = z.record(
  z.string().regex(PROFILE_NAME),
  z.strictObject({
    f: z.enum(STORED_FORMATS),
    w: z.int().positive(),
    h: z.int().positive(),
    b: z.int().positive(),
    e: z.string().regex(/^[0-9a-f]{32}$/),
  }),
);

const metaSchema = z.object({
  'pixdock-id': z.string(),
  'pixdock-owner': z.string(),
  'pixdock-external-id': z.string().optional(),
  'pixdock-batch': z.string().optional(),
  'pixdock-row': z.coerce.number().optional(),
  'pixdock-profile': z.string(),
  'pixdock-profile-version': z.string(),
  'pixdock-created': z.iso.datetime(),
  'pixdock-version': z.coerce.number().optional(),
  'pixdock-run': z.coerce.number(),
  'pixdock-source': z.string(),
  'pixdock-variants': z.string(),
});

/** Added to the version in the metadata: a version read from the object is above that of the record. */
const READ_AGAIN = 1000;

const sourceMeta = z.tuple([
  z.int(),
  z.string(),
  z.string(),
  z.int(),
  z.int(),
  z.int(),
  z.enum(['upload', 'url']).optional(),
]);

/** The `x-oss-meta-*` of `main`, from which the bucket alone can restore an image. Printable ASCII. */
export function toObjectMeta(
  record: ImageRecord,
  size: { width: number; height: number; frames: number },
  variants: Record<string, VariantResult>,
  profileVersion: string,
): Record<string, string> {
  const { source } = record;
  const meta: Record<string, string> = {
    'pixdock-id': record.id,
    'pixdock-owner': record.owner,
    'pixdock-profile': record.profile,
    'pixdock-profile-version': profileVersion,
    'pixdock-created': record.createdAt,
    'pixdock-version': String(versionOfObject(record)),
    'pixdock-run': String(record.run),
    'pixdock-source': JSON.stringify([
      source.bytes,
      source.sha256,
      source.mediaType,
      size.width,
      size.height,
      size.frames,
      source.kind,
    ]),
    'pixdock-variants': JSON.stringify(mapValues(variants, toMeta)),
  };
  if (record.externalId !== null) meta['pixdock-external-id'] = encodeURIComponent(record.externalId);
  if (record.batchId !== null) meta['pixdock-batch'] = record.batchId;
  if (record.row !== null) meta['pixdock-row'] = String(record.row);
  return meta;
}

/**
 * The published image that `main`'s metadata describes, without receipt, timeline and metadata, which only the record has;
 * null for a foreign object.
 */
export function fromObjectMeta(
  meta: Readonly<Record<string, string>>,
  lastModified: Date,
  prefix: string,
  publicUrl: (key: string) => string,
): ImageRecord | null {
  const parsed = metaSchema.safeParse(meta);
  if (!parsed.success) return null;
  const { data } = parsed;
  const [bytes, sha256, mediaType, width, height, frames, kind = 'upload'] = sourceMeta.parse(
    JSON.parse(data['pixdock-source']),
  );
  const id = data['pixdock-id'];
  const stored = variantMeta.parse(JSON.parse(data['pixdock-variants']));
  const variants: Record<string, VariantResult> = {};
  for (const [name, { f, w, h, b, e }] of Object.entries(stored)) {
    const key = objectKey(prefix, id, name, f);
    variants[name] = {
      url: publicUrl(key),
      key,
      width: w,
      height: h,
      bytes: b,
      mediaType: FORMATS[f].mediaType,
      etag: e,
    };
  }
  const externalId = data['pixdock-external-id'];
  const finishedAt = lastModified.toISOString();
  return {
    id,
    status: 'published',
    stage: 'published',
    version: (data['pixdock-version'] ?? versionBefore(data['pixdock-created'], lastModified)) + READ_AGAIN,
    run: data['pixdock-run'],
    attempts: 1,
    owner: data['pixdock-owner'],
    profile: data['pixdock-profile'],
    externalId: externalId === undefined ? null : decodeURIComponent(externalId),
    metadata: {},
    batchId: data['pixdock-batch'] ?? null,
    row: data['pixdock-row'] ?? null,
    position: null,
    createdAt: data['pixdock-created'],
    updatedAt: finishedAt,
    finishedAt,
    expiresAt: null,
    deleteRequestedAt: null,
    source: { kind, url: null, filename: null, bytes, sha256, mediaType, width, height, frames },
    url: variants.main?.url ?? null,
    variants,
    placeholder: null,
    receipt: null,
    timeline: [],
    error: null,
    lastError: null,
    nextAttemptAt: null,
    internal: newInternal(null),
  };
}

/** For objects of 0.1.0, whose metadata has no version. */
const versionBefore = (createdAt: string, lastModified: Date) =>
  versionOfObject({ version: 1, createdAt }, lastModified.getTime());

function toMeta({ key, width, height, bytes, etag }: VariantResult) {
  const extension = key.slice(key.lastIndexOf('.') + 1);
  const f = IMAGE_FORMATS.find((format) => FORMATS[format].extension === extension);
  return { f, w: width, h: height, b: bytes, e: etag };
}

function mapValues<A, B>(values: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
