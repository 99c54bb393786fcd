import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { VariantResult } from '@pixdock/contract/image';
import { FORMATS, IMAGE_FORMATS, STORED_FORMATS } from '@pixdock/contract/media-type';
import { PROFILE_NAME } from '@pixdock/contract/profile';
import { z } from 'zod';
import { isoTime } from '../runtime/clock.js';
import type { MetadataKey, MetadataKeys } from '../runtime/metadata-keys.js';
import { type ImageRecord, newInternal } from './images/image-record.js';
import { mainKeys, objectKey } from './object-key.js';

/** The `x-oss-meta-*` of `main`. Everyone who can read the object can read them, so all but the first two are sealed. */
const metaSchema = z.object({
  'pixdock-id': z.string(),
  'pixdock-format': z.string(),
  /** The id of the key, a dot, and in base64url: nonce, ciphertext, tag. */
  'pixdock-sealed': z.string().regex(/^[\w-]+\.[\w-]+$/),
});

const FORMAT = '1';

const sealedSchema = z.object({
  owner: z.string(),
  profile: z.string(),
  profileVersion: z.string(),
  externalId: z.string().nullable(),
  batchId: z.string().nullable(),
  row: z.int().nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  version: z.int(),
  run: z.int(),
  source: z.object({
    kind: z.enum(['upload', 'url']),
    bytes: z.int(),
    sha256: z.string(),
    mediaType: z.string(),
    width: z.int(),
    height: z.int(),
    frames: z.int(),
  }),
  variants: z.record(
    z.string().regex(PROFILE_NAME),
    z.tuple([
      z.enum(STORED_FORMATS),
      z.int().positive(),
      z.int().positive(),
      z.int().positive(),
      z.string().regex(/^[0-9a-f]{32}$/),
    ]),
  ),
});

/** The image that metadata describes. */
export type ObjectReading =
  | { outcome: 'image'; image: ImageRecord }
  /** An object of another program, or a copy of one. */
  | { outcome: 'foreign' }
  /** Sealed with a key that is not configured, or for another object, or by a newer version. */
  | { outcome: 'sealed'; keyId: string };

/** More changes than follow the put in one epoch: the version that is read from the object is above them. */
const VERSIONS_AFTER_PUT = 1000;

/** The metadata of `main`, from which the bucket and METADATA_KEY can restore an image. ASCII, less than the 8 KB that OSS allows. */
export function toObjectMeta(
  [key]: MetadataKeys,
  record: ImageRecord,
  size: { width: number; height: number; frames: number },
  variants: Readonly<Record<string, VariantResult>>,
  profileVersion: string,
): Record<string, string> {
  const { main } = variants;
  if (main === undefined) throw new TypeError('no variant main');
  const { id, owner, profile, externalId, batchId, row, createdAt, run, source } = record;
  const { kind, bytes, sha256, mediaType } = source;
  const plain = JSON.stringify({
    owner,
    profile,
    profileVersion,
    externalId,
    batchId,
    row,
    createdAt,
    finishedAt: isoTime(),
    version: record.version,
    run,
    source: { kind, bytes, sha256, mediaType, ...size },
    variants: Object.fromEntries(Object.entries(variants).map(([name, variant]) => [name, toTuple(variant)])),
  });
  const bound = boundTo(FORMAT, id, main.key);
  return { 'pixdock-id': id, 'pixdock-format': FORMAT, 'pixdock-sealed': seal(key, plain, bound) };
}

/**
 * Reads the metadata of the object `key`: the published image without receipt, timeline and metadata, which only the record
 * has.
 */
export function fromObjectMeta(
  keys: MetadataKeys,
  { key, metadata }: { key: string; metadata: Readonly<Record<string, string>> },
  prefixes: readonly string[],
  publicUrl: (key: string) => string | null,
): ObjectReading {
  const meta = metaSchema.safeParse(metadata);
  if (!meta.success) return { outcome: 'foreign' };
  const { 'pixdock-id': id, 'pixdock-format': format, 'pixdock-sealed': sealed } = meta.data;
  const prefix = prefixes.find((known) => mainKeys([known], id).includes(key));
  if (prefix === undefined) return { outcome: 'foreign' };
  const plain = open(keys, sealed, boundTo(format, id, key));
  const parsed = sealedSchema.safeParse(plain === null ? null : JSON.parse(plain));
  if (!parsed.success) return { outcome: 'sealed', keyId: sealed.slice(0, sealed.indexOf('.')) };
  const { version, source, variants: stored, profileVersion: _, ...facts } = parsed.data;
  const variants: Record<string, VariantResult> = {};
  for (const [name, [storedFormat, width, height, bytes, etag]] of Object.entries(stored)) {
    const variantKey = objectKey(prefix, id, name, storedFormat);
    const { mediaType } = FORMATS[storedFormat];
    variants[name] = { url: publicUrl(variantKey), key: variantKey, width, height, bytes, mediaType, etag };
  }
  const image: ImageRecord = {
    id,
    ...facts,
    status: 'published',
    stage: 'published',
    version: version + VERSIONS_AFTER_PUT,
    attempts: 1,
    metadata: {},
    position: null,
    updatedAt: facts.finishedAt,
    expiresAt: null,
    deleteRequestedAt: null,
    source: { ...source, url: null, filename: null },
    url: variants.main?.url ?? null,
    variants,
    placeholder: null,
    receipt: null,
    timeline: [],
    error: null,
    lastError: null,
    nextAttemptAt: null,
    reusedId: null,
    deleteAt: null,
    internal: newInternal(null),
  };
  return { outcome: 'image', image };
}

function toTuple({ key, width, height, bytes, etag }: VariantResult) {
  const extension = key.slice(key.lastIndexOf('.') + 1);
  const format = IMAGE_FORMATS.find((name) => FORMATS[name].extension === extension);
  return [format, width, height, bytes, etag];
}

const CIPHER = 'aes-256-gcm';
/** Random nonces of this length are safe for 2³² values of a key (NIST SP 800-38D, 8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Sealed texts have a multiple of this length, so that they hardly reveal that of an externalId. */
const PADDED_BYTES = 128;

/** What a sealed value is bound to: it does not open beside another id or on another object. */
const boundTo = (format: string, id: string, key: string) => Buffer.from(JSON.stringify([format, id, key]));

function seal({ id, sealing }: MetadataKey, plain: string, bound: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealing, nonce, { authTagLength: TAG_BYTES }).setAAD(bound);
  const padding = ' '.repeat(PADDED_BYTES - 1 - ((Buffer.byteLength(plain) - 1) % PADDED_BYTES));
  const sealed = [nonce, cipher.update(plain + padding, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return `${id}.${Buffer.concat(sealed).toString('base64url')}`;
}

/** Null if none of the keys opens it. */
function open(keys: MetadataKeys, sealed: string, bound: Buffer): string | null {
  const [keyId, text = ''] = sealed.split('.');
  const key = keys.find(({ id }) => id === keyId);
  const bytes = Buffer.from(text, 'base64url');
  if (key === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const cipher = createDecipheriv(CIPHER, key.sealing, nonce, { authTagLength: TAG_BYTES })
    .setAAD(bound)
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + cipher.final('utf8');
  } catch {
    return null;
  }
}
