import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { ManifestItem } from '@pixdock/shared/state/records/manifest-item';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { failAtOnce } from '@pixdock/shared/state/records/transitions';
import { isSettled } from '@pixdock/shared/state/records/view';
import type { BatchWindow } from '@pixdock/shared/state/records/window';
import type { WorkerDeps } from '../deps.js';
import { endpointOf } from '../fetch/endpoint.js';
import { type OpenBatch, recordOf, untouched } from './item-record.js';
import { WINDOW } from './owner-window.js';

/** Items looked at in one pass, so that no pass is long. */
const LOOK_AT = 1000;
/** Items passed over for the sake of their host, beyond which no more are looked at. */
const PASSED_OVER = 5000;
/** Of those, looked at again in one pass. */
const LOOK_AGAIN_AT = 256;
/** Items that take their source from one that is under way are taken up with it, as far as they fit. */
const FOLLOWERS = WINDOW / 2;

/** What became of an item that was looked at. */
type Look = 'taken' | 'passed over' | 'done' | 'no room';

/** Puts as many items of the batch under way as there is room for. Returns how many that were. */
export async function fill(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<number> {
  const { manifest, state } = batch;
  const window = deps.batches.window(state);
  const underWay = await window.items();
  const share = await batch.windows.shareOf(state, [...underWay.values()]);
  let taken = 0;

  async function look(place: number, item: ManifestItem): Promise<Look> {
    const imageId = manifest.id(place);
    if (underWay.has(imageId)) return 'done';
    // It has failed from the beginning, and needs no record.
    if (item.fault !== null && manifest.entry.invalid !== undefined) return 'done';
    if (!share.hasRoom()) return 'no room';
    let record = await recordOf(deps, imageId);
    if (record === null && item.fault !== null) {
      await deps.records.create(
        failAtOnce(await untouched(deps, batch, place, item), item.fault, deps.config.retentionMs),
      );
      return 'done';
    }
    if (record !== null && isSettled(record)) return 'done';
    const host = hostOf(item);
    if (!share.hasRoomForHost(host)) return 'passed over';
    if (record === null) {
      record = await untouched(deps, batch, place, item);
      if (!(await deps.records.create(record))) record = await deps.records.get(imageId);
      // Deleted, at this moment, by somebody who had not waited for its turn; or Redis lost the batch.
      if (record === null || isSettled(record)) return 'done';
    }
    faultpoint('item-recorded');
    // A record made just before Redis lost the batch is lost with it.
    if (!(await window.enter(imageId, host))) return 'done';
    faultpoint('item-entered');
    await deps.queue.run(runOf(record));
    faultpoint('item-queued');
    underWay.set(imageId, host);
    share.add(host);
    taken++;
    const followers = await manifest.followersOf(place);
    for (const other of followers.slice(0, FOLLOWERS)) await window.passOver(manifest.id(other), other);
    return 'taken';
  }

  await lookAgain(window, batch, look, signal);
  await lookFurther(window, batch, look, signal);
  return taken;
}

type LookAt = (place: number, item: ManifestItem) => Promise<Look>;

async function lookAgain(
  window: BatchWindow,
  { manifest, memory }: OpenBatch,
  look: LookAt,
  signal: AbortSignal,
): Promise<void> {
  const pending = await window.pending(memory.lookAgainFrom, LOOK_AGAIN_AT);
  let isStuck = true;
  for (const { imageId, place } of pending) {
    if (signal.aborted) return;
    const came = await look(place, await manifest.item(place));
    if (came === 'no room') return;
    if (came === 'passed over') continue;
    isStuck = false;
    await window.takeUp(imageId);
  }
  // In order, unless all of these wait for a host.
  const last = pending.at(-1);
  const isMore = last !== undefined && pending.length === LOOK_AGAIN_AT;
  memory.lookAgainFrom = isStuck && isMore ? last.place + 1 : 0;
}

async function lookFurther(
  window: BatchWindow,
  { manifest, state }: OpenBatch,
  look: LookAt,
  signal: AbortSignal,
): Promise<void> {
  let passedOver = await window.countPending();
  let next = state.next;
  for await (const { place, item } of manifest.items(state.next, state.next + LOOK_AT)) {
    if (signal.aborted || passedOver >= PASSED_OVER) break;
    const came = await look(place, item);
    if (came === 'no room') break;
    if (came === 'passed over') {
      passedOver++;
      await window.passOver(manifest.id(place), place);
    }
    next = place + 1;
    if (next % 64 === 0 && !(await window.advance(next))) return;
  }
  if (next !== state.next) await window.advance(next);
}

function hostOf({ origin }: ManifestItem): string {
  return origin?.kind === 'url' ? endpointOf(new URL(origin.url)).key : '';
}
