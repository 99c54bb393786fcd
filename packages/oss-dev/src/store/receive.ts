import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { OssError } from '../http/errors.js';
import { createCrc64 } from './crc64.js';

/** `md5` in upper-case hex, `crc64` in decimal, `size` in bytes. */
export type Received = { size: number; md5: string; crc64: string };

/** Streams `source` into a new file and syncs it. Removes the file on failure. @throws OssError EntityTooLarge beyond `maxBytes` */
export async function receive(
  source: AsyncIterable<Buffer>,
  path: string,
  maxBytes: number,
): Promise<Received> {
  const file = await open(path, 'wx');
  const md5 = createHash('md5');
  const crc64 = createCrc64();
  let size = 0;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      md5.update(chunk);
      crc64.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return { size, md5: md5.digest('hex').toUpperCase(), crc64: crc64.digest() };
}

export function tooLarge(maxBytes: number): OssError {
  const message = 'Your proposed upload exceeds the maximum allowed size.';
  return new OssError('EntityTooLarge', message, undefined, { MaxSizeAllowed: String(maxBytes) });
}
