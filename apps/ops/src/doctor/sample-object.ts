import { hash, randomBytes } from 'node:crypto';
import type { Text } from '@pixdock/contract/messages/text';
import type { NewObject, ObjectStore } from '@pixdock/object-store/types';
import { text } from '../messages/doctor.js';
import { Finding } from './finding.js';

/** A PNG of one pixel, because OSS forces downloads for images only. */
export function sampleObject(prefix: string): NewObject {
  const body = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  return {
    key: `${prefix}pixdock-doctor/${randomBytes(16).toString('hex')}.png`,
    body,
    contentType: 'image/png',
    md5: hash('md5', body),
    cacheControl: 'no-store',
    metadata: { 'pixdock-doctor': 'may be deleted' },
  };
}

/** @throws StorageFault, Finding */
export async function putObject(store: ObjectStore, object: NewObject): Promise<Text> {
  const put = await store.put(object);
  // The key is random: `exists` means that our own put succeeded and its response was lost.
  if (put.outcome === 'stored' && put.etag !== object.md5)
    throw new Finding('EtagMismatch', text('verbatim', { value: put.etag }));
  return text('stored', { bytes: object.body.length, key: object.key });
}
