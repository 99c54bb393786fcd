import type { Text } from '@pixdock/contract/messages/text';
import { PRIVATE_PREFIX } from '@pixdock/contract/visibility';
import { type CdnAuth, signForCdn } from '@pixdock/object-store/cdn-auth';
import type { PrivateBucket } from '@pixdock/object-store/settings';
import type { ObjectStore } from '@pixdock/object-store/types';
import { text } from '../messages/doctor.js';
import { checkRefused } from './check-refused.js';
import { fetchPublicUrl } from './fetch-public-url.js';
import { Finding } from './finding.js';
import { putObject, sampleObject } from './sample-object.js';

/** Puts an object into the private bucket, which only a signed URL may read. */
export async function checkPrivateBucket(
  store: ObjectStore,
  { fileDomain }: PrivateBucket,
  prefix: string,
): Promise<Text> {
  const object = sampleObject(PRIVATE_PREFIX + prefix);
  await putObject(store, object);
  try {
    const status = await checkRefused(`${fileDomain}/${object.key}`, 'PrivateReadable');
    const signed = await fetchPublicUrl((await store.sign(object.key, SIGNED_SECONDS)).url);
    if (signed.status !== 200 || !signed.body.equals(object.body))
      throw new Finding('SignedUrlRefused', text('status', { status: signed.status }));
    return text('private-refused', { status });
  } finally {
    await store.remove(object.key);
  }
}

/** Puts a private object, which the CDN may return only for a URL that is signed and has not expired. */
export async function checkCdn(store: ObjectStore, cdn: CdnAuth, prefix: string): Promise<Text> {
  const object = sampleObject(PRIVATE_PREFIX + prefix);
  const url = `${cdn.domain}/${object.key}`;
  const read = (seconds: number) => fetchPublicUrl(signForCdn(url, cdn, seconds).url);
  await putObject(store, object);
  try {
    const status = await checkRefused(url, 'CdnReadable');
    const signed = await read(SIGNED_SECONDS);
    if (signed.status !== 200 || !signed.body.equals(object.body))
      throw new Finding('CdnUrlRefused', text('status', { status: signed.status }));
    const expired = await read(-SIGNED_SECONDS);
    if (expired.status !== 403)
      throw new Finding('CdnTtlDiffers', text('status', { status: expired.status }));
    return text('cdn-checked', { status });
  } finally {
    await store.remove(object.key);
  }
}

const SIGNED_SECONDS = 60;
