import { randomBytes } from 'node:crypto';
import type { Text } from '@pixdock/contract/messages/text';
import { readBucketInfo } from '@pixdock/object-store/bucket-info';
import { bucketUrl } from '@pixdock/object-store/endpoint';
import type { StoreNotice } from '@pixdock/object-store/open';
import {
  openStagingBucket,
  type StagingBucket,
  type StagingBucketSettings,
} from '@pixdock/object-store/staging-bucket';
import { StorageFault } from '@pixdock/object-store/types';
import { text } from '../messages/doctor.js';
import { percentile } from '../percentile.js';
import { checkRefused } from './check-refused.js';
import { checkUnversioned } from './check-unversioned.js';
import { Finding } from './finding.js';
import { IMPATIENT, run, type Step, skip } from './step.js';

/** Puts that are measured, one after the other. */
const ROUNDS = 10;
/** Puts that race for one key. */
const RACERS = 20;
const BYTES = 1024;

/**
 * Checks that the bucket of STAGING_URL is private and without versioning, measures it with small objects, and deletes these. Faults
 * go into `steps`.
 * @returns whether staging can be in this bucket
 */
export async function checkStagingBucket(steps: Step[], settings: StagingBucketSettings): Promise<boolean> {
  const { ok } = await run(steps, 'staging-bucket', () => checkSettings(settings));
  // In a bucket with versioning, a deletion would leave the objects behind as old versions.
  if (!ok) {
    skip(steps, 'staging-objects', 'staging-race', 'staging-delete');
    return false;
  }
  const notices: StoreNotice[] = [];
  const bucket = openStagingBucket(settings, {
    ...IMPATIENT,
    onNotice: (notice) => notices.push(notice),
  });
  const folder = `doctor/${randomBytes(16).toString('hex')}/`;
  const keys = Array.from({ length: ROUNDS }, (_, round) => `${folder}${round}`);
  const raceKey = `${folder}race`;
  try {
    const url = `${bucketUrl(settings)}/${settings.prefix}`;
    const objects = await run(steps, 'staging-objects', () => measure(bucket, url, folder, keys));
    // A put that OSS refused would be refused again.
    if (objects.ok || objects.thrown instanceof Finding)
      await run(steps, 'staging-race', () => race(bucket, raceKey, notices));
    else skip(steps, 'staging-race');
    await run(steps, 'staging-delete', async () => {
      await bucket.remove([...keys, raceKey]);
      return text('deleted', { key: `${bucket.place}/${folder}` });
    });
  } finally {
    bucket.stop();
  }
  return true;
}

async function checkSettings(settings: StagingBucketSettings): Promise<Text> {
  const { bucket } = settings;
  const { acl, versioning } = await readBucketInfo(settings, IMPATIENT).catch((thrown: unknown) => {
    if (thrown instanceof StorageFault && thrown.facts.code === 'NoSuchBucket')
      throw new Finding('NoStagingBucket', text('verbatim', { value: bucket }));
    throw thrown;
  });
  if (versioning !== null) throw new Finding('VersionedBucket', text('verbatim', { value: versioning }));
  if (acl !== 'private') throw new Finding('StagingNotPrivate', text('verbatim', { value: acl }));
  return text('staging-private', { bucket });
}

/** Puts an object at each key, lists it and reads it. Without a signature, `url` must not show it. */
async function measure(
  bucket: StagingBucket,
  url: string,
  folder: string,
  keys: readonly string[],
): Promise<Text> {
  const times = { put: [], list: [], get: [] };
  let unlisted = 0;
  for (const key of keys) {
    const body = randomBytes(BYTES);
    const outcome = await timed(times.put, () => bucket.create(key, body));
    if (!(await timed(times.list, () => isListed(bucket, folder, key)))) unlisted += 1;
    const read = await timed(times.get, () => bucket.read(key));
    if (read === null) throw new Finding('NotFoundAfterPut', null);
    if (outcome !== 'stored' || !read.equals(body)) throw new Finding('StoredDifferently', null);
  }
  await checkRefused(`${url}${keys[0]}`, 'StagingReadable');
  const rounds = keys.length;
  if (unlisted > 0) throw new Finding('ListingStale', text('unlisted', { unlisted, rounds }));
  const { put, list, get } = times;
  return text('staging-times', { put: median(put), list: median(list), get: median(get), rounds });
}

async function isListed(bucket: StagingBucket, folder: string, key: string): Promise<boolean> {
  for await (const object of bucket.list(folder)) if (object.key === key) return true;
  return false;
}

/** Puts different bytes to one key at the same time. OSS must store exactly one of them. */
async function race(bucket: StagingBucket, key: string, notices: readonly StoreNotice[]): Promise<Text> {
  const times: number[] = [];
  const bodies = Array.from({ length: RACERS }, () => randomBytes(BYTES));
  const puts = bodies.map(async (body) => ({
    body,
    outcome: await timed(times, () => bucket.create(key, body)),
  }));
  // All puts must end before the object is deleted.
  await Promise.allSettled(puts);
  const results = await Promise.all(puts);
  checkUnversioned(notices);
  const [winner, ...more] = results.filter(({ outcome }) => outcome === 'stored');
  if (winner === undefined || more.length > 0) {
    const winners = winner === undefined ? 0 : 1 + more.length;
    throw new Finding('RaceUndecided', text('winners', { winners, racers: RACERS }));
  }
  const stored = await bucket.read(key);
  if (stored?.equals(winner.body) !== true) throw new Finding('RaceUndecided', text('other-bytes'));
  return text('staging-raced', { racers: RACERS, ms: median(times) });
}

/** Does `work` and adds its milliseconds to `times`. */
async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  times.push(performance.now() - startedAt);
  return result;
}

const median = (times: readonly number[]) => Math.round(percentile(times, 0.5));
