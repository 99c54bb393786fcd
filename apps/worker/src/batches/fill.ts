import { isSettled } from '@pixdock/contract/status';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { endpointOf } from '@pixdock/shared/runtime/sources/endpoint';
import type { ManifestItem } from '@pixdock/shared/state/batches/manifest-item';
import type { BatchWindow } from '@pixdock/shared/state/batches/window';
import { runOf } from '@pixdock/shared/state/images/run-of';
import type { Needs } from '../deps.js';
import type { BatchPass } from './batch-pass.js';
import { WINDOW, type WindowShare } from './owner-window.js';

/** Rows that one pass reads, so that no pass is long. */
const ROWS_PER_PASS = 1000;
/** With so many pending items, a pass reads no further. */
const MAX_PENDING = 5000;
/** Pending items that one pass tries. */
const PENDING_PER_PASS = 256;
/** Followers of a started leader that become pending, so that they start soon. Half of the window stays for other items. */
const MAX_FOLLOWERS = WINDOW / 2;

type FillDeps = Needs<'batches' | 'images' | 'queue'>;

/** One pass that starts items. */
interface Pass {
  deps: FillDeps;
  batch: BatchPass;
  window: BatchWindow;
  share: WindowShare;
  /** Hosts of the active items, by image id. */
  active: Map<string, string>;
  started: number;
}

type Outcome = 'started' | 'host full' | 'nothing to do' | 'window full';

/** Starts as many items of the batch as its window has room for. Returns how many. */
export async function fill(deps: FillDeps, batch: BatchPass, signal: AbortSignal): Promise<number> {
  const window = deps.batches.window(batch.state);
  const active = await window.items();
  const share = await batch.windows.shareOf(batch.state, [...active.values()]);
  const pass: Pass = { deps, batch, window, share, active, started: 0 };
  await tryPending(pass, signal);
  await tryNext(pass, signal);
  return pass.started;
}

async function tryPending(pass: Pass, signal: AbortSignal): Promise<void> {
  const { window } = pass;
  const { manifest, cursor } = pass.batch;
  const pending = await window.pending(cursor.pendingFrom, PENDING_PER_PASS);
  let areHostsFull = true;
  for (const { imageId, place } of pending) {
    if (signal.aborted) return;
    const outcome = await startItem(pass, place, await manifest.item(place));
    if (outcome === 'window full') return;
    if (outcome === 'host full') continue;
    areHostsFull = false;
    await window.removePending(imageId);
  }
  // In order, unless all of these wait for a host.
  const last = pending.at(-1);
  const hasMore = last !== undefined && pending.length === PENDING_PER_PASS;
  cursor.pendingFrom = areHostsFull && hasMore ? last.place + 1 : 0;
}

async function tryNext(pass: Pass, signal: AbortSignal): Promise<void> {
  const { window } = pass;
  const { manifest, state } = pass.batch;
  let pending = await window.countPending();
  let next = state.next;
  for await (const { place, item } of manifest.items(state.next, state.next + ROWS_PER_PASS)) {
    if (signal.aborted || pending >= MAX_PENDING) break;
    const outcome = await startItem(pass, place, item);
    if (outcome === 'window full') break;
    if (outcome === 'host full') {
      pending++;
      await window.addPending(manifest.id(place), place);
    }
    next = place + 1;
    if (next % 64 === 0 && !(await window.advance(next))) return;
  }
  if (next !== state.next) await window.advance(next);
}

async function startItem(pass: Pass, place: number, item: ManifestItem): Promise<Outcome> {
  const { deps, batch, window, share, active } = pass;
  const { images, queue } = deps;
  const { manifest } = batch;
  const imageId = manifest.id(place);
  if (active.has(imageId)) return 'nothing to do';
  // An invalid row is failed from the beginning, and needs no record.
  if (item.fault !== null) return 'nothing to do';
  if (!share.hasRoom()) return 'window full';
  const host = hostOf(item);
  // Before the record is read: a pass may go over hundreds of items that wait for one host.
  if (!share.hasRoomForHost(host)) return 'host full';
  let record = await images.restoreLost(imageId);
  if (record !== null && isSettled(record)) return 'nothing to do';
  record ??= await images.createOrRead(await images.firstOf(batch.state, manifest, place, item));
  // A request deleted the item at this moment, or Redis lost the batch.
  if (record === null || isSettled(record)) return 'nothing to do';
  faultpoint('item-recorded');
  // Redis lost the batch, and with it the record that was just created.
  if (!(await window.enter(imageId, host))) return 'nothing to do';
  faultpoint('item-entered');
  await queue.enqueue(runOf(record));
  faultpoint('item-queued');
  active.set(imageId, host);
  share.add(host);
  pass.started++;
  const followers = await manifest.followersOf(place);
  for (const other of followers.slice(0, MAX_FOLLOWERS)) await window.addPending(manifest.id(other), other);
  return 'started';
}

function hostOf({ origin }: ManifestItem): string {
  return origin?.kind === 'url' ? endpointOf(new URL(origin.url)).key : '';
}
