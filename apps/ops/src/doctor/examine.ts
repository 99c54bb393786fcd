import type { Text } from '@pixdock/contract/messages/text';
import { mayBeDone } from '@pixdock/object-store/judge-facts';
import { openObjectStore, type StoreNotice } from '@pixdock/object-store/open';
import type { StoreSettings } from '@pixdock/object-store/settings';
import type { StagingSettings } from '@pixdock/object-store/staging-settings';
import { type NewObject, type ObjectStore, StorageFault } from '@pixdock/object-store/types';
import { checkHeicDecoder } from '@pixdock/shared/runtime/heic-decoder';
import type { MetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import type { RedisSettings } from '@pixdock/shared/runtime/redis';
import { text } from '../messages/doctor.js';
import { checkMetadataKeys } from './check-metadata-keys.js';
import { checkCdn, checkPrivateBucket } from './check-private-reads.js';
import { checkPublicResponse } from './check-public-response.js';
import { checkStagingBucket } from './check-staging-bucket.js';
import { checkStagingId } from './check-staging-id.js';
import { checkUnversioned } from './check-unversioned.js';
import { fetchPublicUrl } from './fetch-public-url.js';
import { Finding } from './finding.js';
import { putObject, sampleObject } from './sample-object.js';
import { IMPATIENT, run, type Step, skip } from './step.js';

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

export interface DoctorSettings {
  store: StoreSettings;
  metadataKeys: MetadataKeys;
  staging: StagingSettings;
  redis: RedisSettings | null;
  heicDecoder: string | null;
}

/**
 * Checks the bucket of staging if there is one, compares staging with Redis, tries the HEIC decoder if one is set, puts one small
 * image, reads it through the API and the public address, and deletes it. Faults go into the report.
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
    if (staging.kind === 'folder' || (await checkStagingBucket(steps, staging.bucket)))
      await run(steps, 'staging', () => checkStagingId(staging, redis));
    else skip(steps, 'staging');
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
      else skip(steps, step);
    if (put.ok || mayBeStored(put.thrown, notices))
      await run(steps, 'delete', async () => {
        await store.remove(key);
        return text('deleted', { key });
      });
    else skip(steps, 'delete');
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

/** After a lost response, the object may exist. Without a connection it cannot. */
function mayBeStored(thrown: unknown, notices: readonly StoreNotice[]): boolean {
  if (!(thrown instanceof StorageFault)) return true;
  const retried = notices.flatMap((notice) => (notice.notice === 'retry' ? [notice.facts] : []));
  return [...retried, thrown.facts].some(mayBeDone);
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
  checkUnversioned(notices);
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
    Object.entries(object.metadata).every(([name, value]) => found.metadata[name] === value);
  if (!isSame) throw new Finding('StoredDifferently', text('stored-as', found));
  return text('head-matches', found);
}
