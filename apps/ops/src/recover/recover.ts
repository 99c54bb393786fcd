import { isoTime, nowMs, sleep } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { isThere } from '@pixdock/shared/state/files/optional-file';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { restoreRecord } from '@pixdock/shared/state/images/restore-record';
import { readMain } from '../main-object.js';
import { parseKey } from '../object-sets.js';
import type { Services } from '../services.js';

export interface RecoverCounts {
  objects: number;
  recovered: number;
  /** Images that already have a record. */
  existing: number;
  /** Images that the API restores from staging. */
  staged: number;
  /** Objects under the prefix that do not belong to a published image. */
  foreign: number;
  /** Images sealed with a key that METADATA_KEY lacks, by the id of the key. */
  sealed: Map<string, Sealed>;
}

interface Sealed {
  images: number;
  /** The object of one of them. */
  example: string;
}

export interface RecoverHooks {
  /** Called for each recovered record; in a dry run, for each recoverable one. */
  onRecovered: (record: ImageRecord) => void;
  /** Called after every PROGRESS_EVERY objects. */
  onProgress: (counts: RecoverCounts) => void;
}

/** Objects between two progress reports. */
const PROGRESS_EVERY = 10_000;

/**
 * Creates a record for every published image in the bucket that has none. It never changes an existing record, so it can be
 * stopped and run again, even while the services run.
 */
export async function recoverAll(
  services: Services,
  { dryRun, perSecond }: { dryRun: boolean; perSecond: number },
  { onRecovered, onProgress }: RecoverHooks,
): Promise<RecoverCounts> {
  const { store, config } = services;
  const { prefix } = config.store;
  const counts: RecoverCounts = {
    objects: 0,
    recovered: 0,
    existing: 0,
    staged: 0,
    foreign: 0,
    sealed: new Map(),
  };
  const pace = createPace(perSecond);
  const { number: epoch } = await services.epoch.current();
  await inGroups(store.list(prefix), async ({ key }) => {
    if (++counts.objects % PROGRESS_EVERY === 0) onProgress(counts);
    const parsed = parseKey(prefix, key);
    if (parsed === null) counts.foreign++;
    if (parsed?.variant !== 'main') return;
    if ((await services.images.inRedis(parsed.id)) !== null) counts.existing++;
    else if (await isStaged(services, parsed.id)) counts.staged++;
    else await recoverOne(key);
  });
  return counts;

  async function recoverOne(key: string): Promise<void> {
    await pace();
    const main = await readMain(services, key);
    if (main.outcome === 'foreign') {
      counts.foreign++;
      return;
    }
    if (main.outcome === 'sealed') {
      const { images, example } = counts.sealed.get(main.keyId) ?? { images: 0, example: key };
      counts.sealed.set(main.keyId, { images: images + 1, example });
      return;
    }
    const record = {
      ...restoreRecord(main.image, epoch),
      expiresAt: isoTime(nowMs() + config.retentionMs),
    };
    if (!dryRun && !(await services.images.create(record))) {
      counts.existing++;
      return;
    }
    counts.recovered++;
    onRecovered(record);
  }
}

async function isStaged({ staging }: Services, id: string): Promise<boolean> {
  return (await staging.entry(id)) !== null || isThere(staging.layout.deletion(id));
}

/** Spaces calls evenly, at most `perSecond` per second. */
function createPace(perSecond: number): () => Promise<void> {
  const stepMs = 1000 / perSecond;
  let nextAt = performance.now();
  return async () => {
    const now = performance.now();
    nextAt = Math.max(nextAt, now);
    const waitMs = nextAt - now;
    nextAt += stepMs;
    if (waitMs >= 1) await sleep(waitMs);
  };
}
