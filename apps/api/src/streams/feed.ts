import { randomBytes } from 'node:crypto';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';

/** The state of an image or a batch of an owner. */
export type OwnerState = { type: 'image'; state: ImageRecord } | { type: 'batch'; state: BatchState };

/** `gap` says that changes may be missing before this event. */
export type FeedEvent = { id: string } & (OwnerState | { type: 'gap' });

/** The newest states of one owner's images and batches, for the readers of the owner's event stream. */
export interface Feed {
  /** Random, since positions are counted from 0 in each process. */
  id: string;
  /** The position of the newest event. */
  position: number;
  /** Events up to this position are not kept. */
  lostUpTo: number;
  /** The newest state of each image and batch, oldest change first. */
  kept: Map<string, { position: number; at: number; state: OwnerState }>;
  /** The kept states by their position: a reader that resumes skips the positions of older states. */
  atPosition: Map<number, OwnerState>;
  pending: Set<string>;
  isReading: boolean;
  readers: Set<() => void>;
  closing: NodeJS.Timeout | null;
}

export interface FeedLimits {
  /** How long a state is kept. */
  keepMs: number;
  /** How many states are kept. */
  maxKept: number;
}

export const newFeed = (): Feed => ({
  id: randomBytes(6).toString('hex'),
  position: 0,
  lostUpTo: 0,
  kept: new Map(),
  atPosition: new Map(),
  pending: new Set(),
  isReading: false,
  readers: new Set(),
  closing: null,
});

/** Adds a state as the newest event, unless the feed has it, and drops the oldest events beyond the limits. */
export function addState(feed: Feed, state: OwnerState, { keepMs, maxKept }: FeedLimits): void {
  const { id, version } = state.state;
  const { kept, atPosition } = feed;
  const before = kept.get(id);
  if (version <= (before?.state.state.version ?? 0)) return;
  if (before !== undefined) drop(feed, id, before.position);
  feed.position++;
  const now = performance.now();
  kept.set(id, { position: feed.position, at: now, state });
  atPosition.set(feed.position, state);
  for (const [oldest, { position, at }] of kept) {
    if (kept.size <= maxKept && at > now - keepMs) return;
    drop(feed, oldest, position);
    feed.lostUpTo = position;
  }
}

function drop({ kept, atPosition }: Feed, id: string, position: number): void {
  kept.delete(id);
  atPosition.delete(position);
}

/** Tells every reader of the feed that changes may be missing. */
export function reportGap(feed: Feed): void {
  feed.pending.clear();
  feed.kept.clear();
  feed.atPosition.clear();
  feed.position++;
  feed.lostUpTo = feed.position;
  for (const onNews of feed.readers) onNews();
}

/** The position of the last event that the reader has; below 0 if that is unknown. */
interface Reading {
  position: number;
}

/** Begins after the events that the reader has, up to `lastEventId`, or after all so far. */
export function startReading(feed: Feed, lastEventId: string | undefined): Reading {
  if (lastEventId === undefined) return { position: feed.position };
  const [, id, position] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(lastEventId) ?? [];
  const isKnown = id === feed.id && Number(position) <= feed.position;
  return { position: isKnown ? Number(position) : -1 };
}

/** Returns the next event and advances the reading; null without a further event. */
export function nextEvent(feed: Feed, reading: Reading): FeedEvent | null {
  if (reading.position === feed.position) return null;
  if (reading.position < feed.lostUpTo || reading.position < 0) {
    // An unknown reader may have received any of the kept states.
    reading.position = reading.position < 0 ? feed.position : feed.lostUpTo;
    return { id: idOf(feed, reading), type: 'gap' };
  }
  while (reading.position < feed.position) {
    const state = feed.atPosition.get(++reading.position);
    if (state !== undefined) return { id: idOf(feed, reading), ...state };
  }
  return null;
}

/** The id of the last event that was read. */
export const idOf = (feed: Feed, { position }: Reading) => `${feed.id}-${position}`;
