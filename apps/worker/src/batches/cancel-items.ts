import { FINAL_STATUSES } from '@pixdock/contract/image';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { cancel, failAtOnce } from '@pixdock/shared/state/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { settleIfFinal } from '../publish/settle.js';
import type { OpenBatch } from './item-record.js';
import { endWithoutRecord, readStretch, type Stretch, stretches } from './items-without-record.js';

/** Items looked at in one pass, so that no pass is long. */
const LOOK_AT = 1000;

/** Cancels items that are not final, from where the pass before ended. Returns how many were looked at. */
export async function cancelItems(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<number> {
  const { records, config } = deps;
  const { manifest, state, memory } = batch;
  const window = deps.batches.window(state);
  // What is under way first, or it would be done before its turn comes.
  await inGroups((await window.items()).keys(), end);
  const first = Math.min(memory.cancelFrom, state.canceledBefore);
  let next = first;
  let now = state;
  for await (const { from, rows } of stretches(manifest, first, first + LOOK_AT)) {
    if (signal.aborted) return next - first;
    const stretch = await failInvalid(await readStretch(deps, batch, from, rows));
    const to = from + rows.length;
    if (!(await endWithoutRecord(deps, now, stretch, { status: 'canceled', to }))) break;
    await inGroups(stretch.records, async ({ record }) => {
      if (!signal.aborted && !FINAL_STATUSES.includes(record.status)) await end(record.id);
    });
    if (signal.aborted) return next - first;
    next = to;
    now = { ...now, canceledBefore: Math.max(now.canceledBefore, to) };
  }
  memory.cancelFrom = next < state.total ? next : 0;
  if (next > state.next) await window.advance(next);
  return next - first;

  /** A batch of version 0.1.0 counts its invalid rows as queued until they have a record. */
  async function failInvalid(stretch: Stretch): Promise<Stretch> {
    if (manifest.entry.invalid !== undefined) return stretch;
    await inGroups(stretch.withoutRecord, async ({ record, fault }) => {
      if (fault !== null) await records.create(failAtOnce(record, fault, config.retentionMs));
    });
    return { ...stretch, withoutRecord: stretch.withoutRecord.filter(({ fault }) => fault === null) };
  }

  async function end(imageId: string): Promise<void> {
    const moved = await records.move(imageId, (current) => cancel(current, config.retentionMs));
    // What it may have stored goes; an attempt that has it in hand does the same once more when it finds out.
    if (moved.outcome !== 'moved') return;
    const settled = await settleIfFinal(deps, moved.record);
    if (settled.outcome === 'again') await deps.queue.run(runOf(moved.record));
  }
}
