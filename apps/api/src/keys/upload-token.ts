import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { ApiKey } from './api-key.js';

/** The rights of an upload token, which the token itself contains. */
const rightsSchema = z.object({
  id: z.string(),
  expiresAt: z.iso.datetime(),
  profile: z.string().nullable(),
  maxBytes: z.int(),
  deleteAfterSeconds: z.int().nullable().default(null),
  maxCount: z.int(),
  origins: z.array(z.string()).nullable(),
});
export type UploadTokenRights = z.output<typeof rightsSchema>;

/** Of every upload token. */
export const PREFIX = 'pxt_';
const KEY_ID = 'key_';
/** `pxt_`, the id of the key without its prefix, the rights, and the signature of both. */
const FORM = /^pxt_([0-9a-f]{12})\.([\w-]{1,4096})\.([\w-]{43})$/;

export function makeUploadToken(key: ApiKey, rights: UploadTokenRights): string {
  const payload = Buffer.from(JSON.stringify(rights)).toString('base64url');
  const signed = `${key.id.slice(KEY_ID.length)}.${payload}`;
  return `${PREFIX}${signed}.${signatureOf(key, signed).toString('base64url')}`;
}

/** Reads the id of the key that made a token; null unless the text has the form of a token. */
export function keyIdOf(token: string): string | null {
  const [, id] = FORM.exec(token) ?? [];
  return id === undefined ? null : `${KEY_ID}${id}`;
}

/** The rights of a token that this key made; null if it did not. The token may have expired. */
export function verifyUploadToken(key: ApiKey, token: string): UploadTokenRights | null {
  const [, id = '', payload = '', signature = ''] = FORM.exec(token) ?? [];
  if (!timingSafeEqual(signatureOf(key, `${id}.${payload}`), Buffer.from(signature, 'base64url')))
    return null;
  return rightsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
}

/** The HMAC key is the hash of the API key, so a token ends with the API key. */
function signatureOf({ hash }: ApiKey, signed: string): Buffer {
  return createHmac('sha256', hash).update(`pixdock upload token 1\n${signed}`).digest();
}
