import type { Logger } from '@pixdock/shared/runtime/log';
import { StartFault } from '@pixdock/shared/runtime/start-fault';
import type { ObjectBucket } from '@pixdock/shared/state/bucket-staging/object-bucket';
import { bucketStagingAt, openBucketStaging } from '@pixdock/shared/state/bucket-staging/open-bucket-staging';
import { openStaging, stagingAt, stagingFolder } from '@pixdock/shared/state/folder-staging/open-staging';
import type { Staging, UnopenedStaging } from '@pixdock/shared/state/staging';
import { STAGING_ID } from '@pixdock/shared/state/staging-id';
import { factsOf } from './faults.js';
import { text } from './messages/settings.js';
import { openStagingBucket, type StagingBucket, type StagingBucketSettings } from './staging-bucket.js';
import type { StagingSettings } from './staging-settings.js';
import { StorageFault } from './types.js';

/** A staging that may not exist; `open` creates it. */
export interface StagingOfSettings extends UnopenedStaging {
  /** @param log for failures to remove files that are not accepted */
  open(log?: Logger): Promise<Staging>;
}

/** The staging of these settings: a folder or a bucket. */
export function stagingOf(settings: StagingSettings): StagingOfSettings {
  const { dataDir } = settings;
  if (settings.kind === 'folder') return { ...stagingAt(dataDir), open: (log) => openStaging(dataDir, log) };
  const waiting = openStagingBucket(settings.bucket, CALLS);
  const bucket = promptly(waiting);
  return {
    ...bucketStagingAt(bucket, dataDir),
    async open(log) {
      await expectNoFolderStaging(dataDir);
      await expectUsable(waiting);
      return openBucketStaging(bucket, dataDir, log);
    },
  };
}

/** Opens the bucket of a staging for a move, for which no client waits. @throws StartFault if it cannot be used */
export async function openBucketToMove(settings: StagingBucketSettings): Promise<ObjectBucket & Disposable> {
  const opened = openStagingBucket(settings);
  const bucket = { ...opened, check: async () => {}, [Symbol.dispose]: () => opened.stop() };
  await expectUsable(bucket);
  return bucket;
}

/** @throws StartFault if DATA_DIR has a staging, too: the services would take its files for unused copies and remove them */
async function expectNoFolderStaging(dataDir: string): Promise<void> {
  const { notes, place } = stagingAt(dataDir);
  if ((await notes.read(STAGING_ID)) === null) return;
  const facts = { place, folder: stagingFolder(dataDir) };
  throw new StartFault('DATA_DIR', text('folder-staging-too', facts), text('folder-staging-too.fix', facts));
}

/** @throws StartFault if the bucket does not exist, denies access or does not respond */
async function expectUsable(bucket: StagingBucket): Promise<void> {
  try {
    await list(bucket);
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error;
    const { code } = error.facts;
    const fix = code === 'NoSuchBucket' ? text('staging-bucket-missing.fix') : error.facts.fix;
    throw new StartFault('STAGING_URL', text('staging-bucket-unusable', { place: bucket.place, code }), fix);
  }
}

/** A request that changes nothing. The error of a HEAD would have no body, which says for example that the clock is wrong. */
async function list(bucket: StagingBucket, signal?: AbortSignal): Promise<void> {
  for await (const _ of bucket.list('check', null, signal)) break;
}

/** Time for the answer to whether the bucket responds. */
const CHECK_MS = 1500;

/** For how long an answer holds. */
const CHECKED_MS = 1000;

/** A bucket whose calls fail promptly while it does not respond, since a client may wait: OSS is asked once a second at most. */
function promptly(bucket: StagingBucket): ObjectBucket {
  let asked: { atMs: number; answer: Promise<StorageFault | null> } | null = null;

  async function ask(): Promise<StorageFault | null> {
    const timeout = AbortSignal.timeout(CHECK_MS);
    try {
      await list(bucket, timeout);
      return null;
    } catch (error) {
      if (timeout.aborted)
        return new StorageFault('list', factsOf('transient', 'NoResponse', { operation: 'list' }));
      if (error instanceof StorageFault) return error;
      throw error;
    }
  }

  async function check(): Promise<void> {
    if (asked === null || performance.now() - asked.atMs > CHECKED_MS)
      asked = { atMs: performance.now(), answer: ask() };
    const fault = await asked.answer;
    if (fault !== null) throw fault;
  }

  const after =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await check();
      return call(...args);
    };

  return {
    place: bucket.place,
    check,
    create: after((key, body) => bucket.create(key, body)),
    read: after((key, range) => bucket.read(key, range)),
    head: after((key) => bucket.head(key)),
    async *list(prefix, from) {
      await check();
      yield* bucket.list(prefix, from);
    },
    remove: after((keys) => bucket.remove(keys)),
    copy: after((from, to) => bucket.copy(from, to)),
    signForm: (key, maxBytes) => bucket.signForm(key, maxBytes),
    append: after((key, position, bytes) => bucket.append(key, position, bytes)),
  };
}

/** A client waits for its acceptance meanwhile. */
const CALLS = {
  timeouts: { connectMs: 2000, responseMs: 5000 },
  retry: { tries: 3, baseMs: 100, capMs: 1000 },
};
