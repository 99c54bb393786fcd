import { fresh } from '@pixdock/shared/runtime/fresh';
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
  const asked = openStagingBucket(settings.bucket, CALLS);
  const bucket = promptly(asked);
  return {
    ...bucketStagingAt(bucket, dataDir),
    async open(log) {
      await expectNoFolderStaging(dataDir);
      await expectUsable(asked);
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

/** @throws StartFault if DATA_DIR has a staging of its own, of which the services would remove what they take for unused copies */
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
    const { code, fix } = error.facts;
    throw new StartFault('STAGING_URL', text('staging-bucket-unusable', { place: bucket.place, code }), fix);
  }
}

/** A request that changes nothing. The error of a HEAD would have no body, which says for example that the clock is wrong. */
async function list(bucket: StagingBucket, signal?: AbortSignal): Promise<void> {
  for await (const _ of bucket.list('check', null, signal)) break;
}

/** Time for the answer to whether the bucket responds. */
const CHECK_MS = 1500;

/** A bucket whose puts fail promptly while it does not respond, since a client may wait: OSS is asked once a second at most. */
function promptly(bucket: StagingBucket): ObjectBucket {
  const check = fresh(async () => {
    const timeout = AbortSignal.timeout(CHECK_MS);
    try {
      await list(bucket, timeout);
    } catch (error) {
      throw timeout.aborted
        ? new StorageFault('list', factsOf('transient', 'NoResponse', { operation: 'list' }))
        : error;
    }
  });
  return {
    ...bucket,
    check,
    async create(key, body) {
      await check();
      return bucket.create(key, body);
    },
  };
}

/** A client waits for its acceptance meanwhile. */
const CALLS = {
  timeouts: { connectMs: 2000, responseMs: 5000 },
  retry: { tries: 3, baseMs: 100, capMs: 1000 },
};
