import { createHash } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import type { ApiContext } from '../http/env.js';
import { invalid } from '../http/invalid.js';

/** The algorithms of `Upload-Checksum`; the extension requires SHA-1. */
export const CHECKSUM_ALGORITHMS = ['sha1', 'sha256', 'sha512', 'md5'] as const;

/** The checksum of the bytes in one request. */
export interface UploadChecksum {
  algorithm: (typeof CHECKSUM_ALGORITHMS)[number];
  /** Base64. */
  digest: string;
}

/** The header `Upload-Checksum`; null without it. @throws PixdockError invalid_request */
export function uploadChecksum(c: ApiContext): UploadChecksum | null {
  const header = c.req.header('Upload-Checksum');
  if (header === undefined) return null;
  const [, name, digest] = /^([a-z0-9-]+) +([A-Za-z0-9+/]+={0,2})$/.exec(header.trim()) ?? [];
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name);
  if (algorithm === undefined || digest === undefined)
    throw invalid('upload-checksum', { algorithms: [...CHECKSUM_ALGORITHMS] });
  return { algorithm, digest };
}

/** The chunks of a request. Throws after the last one if the checksum differs. @throws PixdockError checksum_mismatch */
export const compareChecksum = (
  chunks: AsyncIterable<Buffer>,
  checksum: UploadChecksum | null,
): AsyncIterable<Buffer> => (checksum === null ? chunks : compared(chunks, checksum));

async function* compared(
  chunks: AsyncIterable<Buffer>,
  { algorithm, digest }: UploadChecksum,
): AsyncGenerator<Buffer> {
  const hash = createHash(algorithm);
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('base64') !== digest) throw new PixdockError('checksum_mismatch');
}
