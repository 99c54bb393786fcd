import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { isOpen } from '@pixdock/shared/state/images/image-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import * as transitions from '@pixdock/shared/state/images/transitions';
import { settle } from '../attempt/settle.js';
import type { BatchPass, PassDeps } from './batch-pass.js';
import { endInStretches } from './items-without-record.js';

/** Items per pass, so that no pass is long. */
const CANCELED_PER_PASS = 1000;

/** Cancels items that are not final, from where the last pass ended. Returns how many items it went over. */
export async function cancelItems(deps: PassDeps, pass: BatchPass, signal: AbortSignal): Promise<number> {
  const { state, cursor } = pass;
  const window = deps.batches.window(state);
  // Started items first, or they would be published before the pass reaches them.
  await inGroups((await window.items()).keys(), (imageId) => cancelItem(deps, imageId));
  const from = Math.min(cursor.cancelFrom, state.canceledBefore);
  let next = from;
  const places = { status: 'canceled', from, to: from + CANCELED_PER_PASS } as const;
  for await (const { records, to } of endInStretches(deps, pass, places)) {
    await inGroups(records, async (record) => {
      if (!signal.aborted && isOpen(record)) await cancelItem(deps, record.id);
    });
    if (signal.aborted) return next - from;
    next = to;
  }
  cursor.cancelFrom = next < state.total ? next : 0;
  if (next > state.next) await window.advance(next);
  return next - from;
}

async function cancelItem(deps: PassDeps, imageId: string): Promise<void> {
  const { images, queue, events, config } = deps;
  const changed = await images.change(imageId, (record) => transitions.cancel(record, config.retentionMs));
  if (changed.outcome !== 'changed') return;
  events.imageFinished(changed.record);
  // Removes its objects. An attempt in progress removes those that it writes later, once it finds the image canceled.
  const settled = await settle(deps, changed.record);
  if (settled.outcome === 'again') await queue.enqueue(runOf(changed.record));
}
