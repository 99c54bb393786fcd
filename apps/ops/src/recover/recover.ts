import { isoTime } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { isThere } from '@pixdock/shared/state/files/durable';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { restored } from '@pixdock/shared/state/records/restored';
import { readMain } from '../main-object.js';
import { parseKey } from '../object-sets.js';
import type { OpsParts } from '../parts.js';
import { openPace } from './pace.js';

export interface RecoverCounts {
  objects: number;
  recovered: number;
  /** Images that have a record. */
  there: number;
  /** Images that staging knows better: the API restores them. */
  staged: number;
  /** Objects below the prefix that no published image of ours is told by. */
  foreign: number;
}

export interface RecoverHooks {
  /** Hears of each record that came back, or would. */
  onRecovered: (record: ImageRecord) => void;
  /** Hears now and then how far it is. */
  onProgress: (counts: RecoverCounts) => void;
}

/** Objects between two words about progress. */
const TELL_EVERY = 10_000;

/**
 * Writes back a record for every published image that the bucket knows and Redis does not. One that is there is never
 * changed, so it may be stopped and run again, also beside the services.
 */
export async function recoverAll(
  parts: OpsParts,
  { dryRun, perSecond }: { dryRun: boolean; perSecond: number },
  { onRecovered, onProgress }: RecoverHooks,
): Promise<RecoverCounts> {
  const { store, records, config } = parts;
  const { prefix } = config.store;
  const counts: RecoverCounts = { objects: 0, recovered: 0, there: 0, staged: 0, foreign: 0 };
  const pace = openPace(perSecond);
  await inGroups(store.list(prefix), async ({ key }) => {
    if (++counts.objects % TELL_EVERY === 0) onProgress(counts);
    const parsed = parseKey(prefix, key);
    if (parsed === null) counts.foreign++;
    if (parsed?.variant !== 'main') return;
    if ((await records.get(parsed.id)) !== null) counts.there++;
    else if (await isStaged(parts, parsed.id)) counts.staged++;
    else await recoverOne(key);
  });
  return counts;

  async function recoverOne(key: string): Promise<void> {
    await pace();
    const image = await readMain(parts, key);
    if (image === null) {
      counts.foreign++;
      return;
    }
    const record = { ...restored(image), expiresAt: isoTime(Date.now() + config.retentionMs) };
    if (!dryRun && !(await records.create(record))) {
      counts.there++;
      return;
    }
    counts.recovered++;
    onRecovered(record);
  }
}

async function isStaged({ staging }: OpsParts, id: string): Promise<boolean> {
  return (await staging.entry(id)) !== null || isThere(staging.layout.deletion(id));
}
