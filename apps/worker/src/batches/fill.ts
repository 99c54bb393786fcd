import { isSettled } from '@pixdock/contract/status';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { groupsOf, whenAllEnd } from '@pixdock/shared/runtime/in-groups';
import { endpointOf } from '@pixdock/shared/runtime/sources/endpoint';
import type { ManifestItem } from '@pixdock/shared/state/batches/manifest-item';
import type { BatchWindow } from '@pixdock/shared/state/batches/window';
import { runOf } from '@pixdock/shared/state/images/run-of';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import type { Needs } from '../deps.js';
import type { BatchPass } from './batch-pass.js';
import { WINDOW, type WindowShare } from './owner-window.js';

/** Rows that one pass reads, so that no pass is long. */
const ROWS_PER_PASS = 1000;
/** With so many pending items, a pass reads no further. */
const MAX_PENDING = 5000;
/** Pending items that one pass tries. */
const PENDING_PER_PASS = 256;
/** So many items are started at the same time: one needs several responses of Redis, one after the other. */
const STARTED_AT_ONCE = 16;
/** Followers of a started leader that become pending, so that they start soon. Half of the window stays for other items. */
const MAX_FOLLOWERS = WINDOW / 2;

type FillDeps = Needs<'batches' | 'images' | 'queue'>;

/** A pass while it starts items. */
interface FillPass extends BatchPass {
  deps: FillDeps;
  window: BatchWindow;
  share: WindowShare;
  /** Hosts of the active items, by image id. */
  active: Map<string, string>;
  started: number;
}

type Outcome = 'started' | 'host full' | 'nothing to do' | 'window full';

/** Starts as many items of the batch as its window has room for. Returns how many. */
export async function fill(deps: FillDeps, given: BatchPass, signal: AbortSignal): Promise<number> {
  const window = deps.batches.window(given.state);
  const active = await window.items();
  const share = await given.windows.shareOf(given.state, [...active.values()]);
  const pass: FillPass = { ...given, deps, window, share, active, started: 0 };
  await tryPending(pass, signal);
  await tryNext(pass, signal);
  return pass.started;
}

async function tryPending(pass: FillPass, signal: AbortSignal): Promise<void> {
  const { window, manifest, cursor } = pass;
  const pending = await window.pending(cursor.pendingFrom, PENDING_PER_PASS);
  let areHostsFull = true;
  for await (const group of groupsOf(pending, STARTED_AT_ONCE)) {
    if (signal.aborted) return;
    const items = await Promise.all(
      group.map(async ({ place }) => ({ place, item: await manifest.item(place) })),
    );
    const outcomes = await startItems(pass, items);
    const handled = group.filter((_, i) => outcomes[i] === 'started' || outcomes[i] === 'nothing to do');
    await window.removePending(handled.map(({ imageId }) => imageId));
    if (outcomes.includes('window full')) return;
    areHostsFull &&= handled.length === 0;
  }
  // In order, unless all of these wait for a host.
  const last = pending.at(-1);
  const hasMore = last !== undefined && pending.length === PENDING_PER_PASS;
  cursor.pendingFrom = areHostsFull && hasMore ? last.place + 1 : 0;
}

async function tryNext(pass: FillPass, signal: AbortSignal): Promise<void> {
  const { window, manifest, state } = pass;
  let pending = await window.countPending();
  const items = manifest.items(state.next, state.next + ROWS_PER_PASS);
  for await (const group of groupsOf(items, STARTED_AT_ONCE)) {
    if (signal.aborted || pending >= MAX_PENDING) return;
    const outcomes = await startItems(pass, group);
    const full = outcomes.indexOf('window full');
    const tried = full === -1 ? group : group.slice(0, full);
    const waiting = tried.filter((_, i) => outcomes[i] === 'host full').map(({ place }) => place);
    pending += waiting.length;
    await window.addPending(waiting.map((place) => pendingItem(manifest, place)));
    const last = tried.at(-1);
    if (last === undefined || !(await window.advance(last.place + 1)) || full !== -1) return;
  }
}

const pendingItem = (manifest: Manifest, place: number) => ({ imageId: manifest.id(place), place });

/** Starts items at the same time. Whether one has room is decided before the next one is looked at. */
const startItems = (pass: FillPass, items: { place: number; item: ManifestItem }[]): Promise<Outcome[]> =>
  whenAllEnd(items.map(({ place, item }) => startIfRoom(pass, place, item)));

async function startIfRoom(pass: FillPass, place: number, item: ManifestItem): Promise<Outcome> {
  const { share } = pass;
  // An invalid row is failed from the beginning, and needs no record.
  if (item.fault !== null) return 'nothing to do';
  if (!share.hasRoom()) return 'window full';
  const host = hostOf(item);
  // Before its id is computed and its record read: a pass may go over hundreds of items that wait for one host.
  if (!share.hasRoomForHost(host)) return 'host full';
  share.add(host);
  if (await startItem(pass, place, item, host)) return 'started';
  share.remove(host);
  return 'nothing to do';
}

async function startItem(pass: FillPass, place: number, item: ManifestItem, host: string): Promise<boolean> {
  const { deps, state, manifest, window, active } = pass;
  const { images, queue } = deps;
  const imageId = manifest.id(place);
  if (active.has(imageId)) return false;
  let record = await images.restoreLost(imageId);
  if (record !== null && isSettled(record)) return false;
  record ??= await images.createOrRead(await images.firstOf(state, manifest, place, item));
  // A request deleted the item at this moment, or Redis lost the batch.
  if (record === null || isSettled(record)) return false;
  faultpoint('item-recorded');
  // Redis lost the batch, and with it the record that was just created.
  if (!(await window.enter(imageId, host))) return false;
  faultpoint('item-entered');
  await queue.enqueue(runOf(record));
  faultpoint('item-queued');
  active.set(imageId, host);
  pass.started++;
  const followers = await manifest.followersOf(place);
  const first = Array.from(followers.slice(0, MAX_FOLLOWERS), (other) => pendingItem(manifest, other));
  await window.addPending(first);
  return true;
}

function hostOf({ origin }: ManifestItem): string {
  return origin?.kind === 'url' ? endpointOf(new URL(origin.url)).key : '';
}
