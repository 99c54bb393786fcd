import { hash, randomBytes } from 'node:crypto';
import type { Text } from '@pixdock/contract/messages/text';
import { PRIVATE_PREFIX } from '@pixdock/contract/visibility';
import { type CdnAuth, signForCdn } from '@pixdock/object-store/cdn-auth';
import { mayBeDone } from '@pixdock/object-store/judge-facts';
import { openObjectStore, type StoreNotice } from '@pixdock/object-store/open';
import type { PrivateBucket, StoreSettings } from '@pixdock/object-store/settings';
import type { StagingSettings } from '@pixdock/object-store/staging-settings';
import { type NewObject, type ObjectStore, StorageFault } from '@pixdock/object-store/types';
import { checkHeicDecoder } from '@pixdock/shared/runtime/heic-decoder';
import type { MetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import type { RedisSettings } from '@pixdock/shared/runtime/redis';
import { text } from '../messages/doctor.js';
import { checkMetadataKeys } from './check-metadata-keys.js';
import { checkPublicResponse } from './check-public-response.js';
import { checkStagingId } from './check-staging-id.js';
import { fetchPublicUrl } from './fetch-public-url.js';
import { describeThrown, Finding } from './finding.js';

export interface Report {
  ok: boolean;
  bucket: string;
  region: string;
  endpoint: string;
  addressing: string;
  key: string;
  url: string;
  warnings: readonly string[];
  steps: readonly Step[];
}

type StepName =
  | 'staging'
  | 'heic'
  | 'put'
  | 'clock'
  | 'overwrite'
  | 'head'
  | 'read'
  | 'keys'
  | 'delete'
  | 'private'
  | 'cdn';

export interface DoctorSettings {
  store: StoreSettings;
  metadataKeys: MetadataKeys;
  staging: StagingSettings;
  redis: RedisSettings | null;
  heicDecoder: string | null;
}

export type Step =
  | { step: StepName; status: 'ok'; ms: number; detail: Text }
  | { step: StepName; status: 'fault'; ms: number; code: string; detail: Text; fix: Text }
  /** Not tried, because an earlier step failed. */
  | { step: StepName; status: 'skipped' };

/**
 * Compares staging with Redis, tries the HEIC decoder if one is set, puts one small image, reads it through the API and the public address, and deletes it. Faults go into
 * the report.
 */
export async function examine({
  store: settings,
  metadataKeys,
  staging,
  redis,
  heicDecoder,
}: DoctorSettings): Promise<Report> {
  const { bucket, region, endpoint, addressing, warnings } = settings;
  const notices: StoreNotice[] = [];
  const store = openObjectStore(
    { ...settings, cdnAuth: null },
    { ...IMPATIENT, onNotice: (notice) => notices.push(notice) },
  );
  const object = sampleObject(settings.prefix);
  const { key } = object;
  const url = store.publicUrl(key) ?? '';
  const steps: Step[] = [];
  try {
    await run(steps, 'staging', () => checkStagingId(staging, redis));
    if (heicDecoder !== null)
      await run(steps, 'heic', async () => {
        await checkHeicDecoder(heicDecoder);
        return text('heic-decoded', { command: heicDecoder });
      });
    const put = await run(steps, 'put', () => putObject(store, object));
    const checks = {
      clock: () => checkClock(notices),
      overwrite: () => checkForbidOverwrite(store, object, notices),
      head: () => headObject(store, object),
      read: async () => checkPublicResponse(await fetchPublicUrl(url), object),
      keys: () => checkMetadataKeys({ store, config: { store: settings, metadataKeys } }),
    };
    for (const step of ['clock', 'overwrite', 'head', 'read', 'keys'] as const)
      if (put.ok) await run(steps, step, checks[step]);
      else steps.push({ step, status: 'skipped' });
    if (put.ok || mayBeStored(put.thrown, notices))
      await run(steps, 'delete', async () => {
        await store.remove(key);
        return text('deleted', { key });
      });
    else steps.push({ step: 'delete', status: 'skipped' });
    const { privateBucket, cdnAuth } = settings;
    if (privateBucket !== null)
      await run(steps, 'private', () => checkPrivateBucket(store, privateBucket, settings.prefix));
    if (cdnAuth !== null) await run(steps, 'cdn', () => checkCdn(store, cdnAuth, settings.prefix));
  } finally {
    store.stop();
  }
  const ok = steps.every(({ status }) => status === 'ok');
  return { ok, bucket, region, endpoint, addressing, key, url, warnings, steps };
}

/** Short, because an operator waits for the result. */
const IMPATIENT = {
  timeouts: { connectMs: 5000, responseMs: 15_000 },
  retry: { tries: 2, baseMs: 200, capMs: 2000 },
};

/** Runs `work`, which returns a detail or throws, and adds the result to `steps`. */
async function run(
  steps: Step[],
  step: StepName,
  work: () => Promise<Text>,
): Promise<{ ok: true } | { ok: false; thrown: unknown }> {
  const startedAt = performance.now();
  const elapsed = () => Math.round(performance.now() - startedAt);
  try {
    const detail = await work();
    steps.push({ step, status: 'ok', ms: elapsed(), detail });
    return { ok: true };
  } catch (thrown) {
    steps.push({ step, status: 'fault', ms: elapsed(), ...describeThrown(thrown) });
    return { ok: false, thrown };
  }
}

/** After a lost response, the object may exist. Without a connection it cannot. */
function mayBeStored(thrown: unknown, notices: readonly StoreNotice[]): boolean {
  if (!(thrown instanceof StorageFault)) return true;
  const retried = notices.flatMap((notice) => (notice.notice === 'retry' ? [notice.facts] : []));
  return [...retried, thrown.facts].some(mayBeDone);
}

async function putObject(store: ObjectStore, object: NewObject): Promise<Text> {
  const put = await store.put(object);
  // The key is random: `exists` means that our own put succeeded and its response was lost.
  if (put.outcome === 'stored' && put.etag !== object.md5)
    throw new Finding('EtagMismatch', text('verbatim', { value: put.etag }));
  return text('stored', { bytes: object.body.length, key: object.key });
}

async function checkClock(notices: readonly StoreNotice[]): Promise<Text> {
  const correction = notices.find(({ notice }) => notice === 'clock-corrected');
  if (correction?.notice !== 'clock-corrected') return text('clock-agrees');
  const seconds = Math.round(-correction.offsetMs / 1000);
  throw new Finding('ClockSkewed', text('clock-offset', { seconds }));
}

async function checkForbidOverwrite(
  store: ObjectStore,
  object: NewObject,
  notices: readonly StoreNotice[],
): Promise<Text> {
  const again = await store.put(object);
  if (notices.some(({ notice }) => notice === 'versioned-bucket')) throw new Finding('VersionedBucket', null);
  if (again.outcome !== 'exists') throw new Finding('OverwriteAllowed', null);
  return text('overwrite-refused');
}

async function headObject(store: ObjectStore, object: NewObject): Promise<Text> {
  const found = await store.head(object.key);
  if (found === null) throw new Finding('NotFoundAfterPut', null);
  const isSame =
    found.etag === object.md5 &&
    found.bytes === object.body.length &&
    found.contentType === object.contentType &&
    found.metadata[META_NAME] === META_VALUE;
  if (!isSame) throw new Finding('StoredDifferently', text('stored-as', found));
  return text('head-matches', found);
}

/** Puts an object into the private bucket, which only a signed URL may read. */
async function checkPrivateBucket(
  store: ObjectStore,
  { fileDomain }: PrivateBucket,
  prefix: string,
): Promise<Text> {
  const object = sampleObject(PRIVATE_PREFIX + prefix);
  await putObject(store, object);
  try {
    const { status } = await fetchPublicUrl(`${fileDomain}/${object.key}`);
    if (status !== 401 && status !== 403) throw new Finding('PrivateReadable', text('status', { status }));
    const signed = await fetchPublicUrl((await store.sign(object.key, SIGNED_SECONDS)).url);
    if (signed.status !== 200 || !signed.body.equals(object.body))
      throw new Finding('SignedUrlRefused', text('status', { status: signed.status }));
    return text('private-refused', { status });
  } finally {
    await store.remove(object.key);
  }
}

/** Puts a private object, which the CDN may return only for a URL that is signed and has not expired. */
async function checkCdn(store: ObjectStore, cdn: CdnAuth, prefix: string): Promise<Text> {
  const object = sampleObject(PRIVATE_PREFIX + prefix);
  const url = `${cdn.domain}/${object.key}`;
  const read = (seconds: number) => fetchPublicUrl(signForCdn(url, cdn, seconds).url);
  await putObject(store, object);
  try {
    const { status } = await fetchPublicUrl(url);
    if (status !== 401 && status !== 403) throw new Finding('CdnReadable', text('status', { status }));
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

const META_NAME = 'pixdock-doctor';
const META_VALUE = 'may be deleted';

/** A PNG of one pixel, because OSS forces downloads for images only. */
function sampleObject(prefix: string): NewObject {
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
    metadata: { [META_NAME]: META_VALUE },
  };
}
