import { randomBytes } from 'node:crypto';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Changes } from '@pixdock/shared/state/changes';
import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';

/** The state of an image or a batch of an owner. */
export type OwnerState = { type: 'image'; state: ImageRecord } | { type: 'batch'; state: BatchState };

/** `gap` says that changes may be missing before this event. */
export type FeedEvent = { id: string } & (OwnerState | { type: 'gap' });

/** One reader's place in the feed of an owner. */
export interface FeedReader {
  /** The id from which a client without events can resume; null if the client has one. */
  startId: string | null;
  /** The next event; null if the reader has all of them. */
  next(): FeedEvent | null;
  leave: () => void;
}

export interface OwnerFeeds {
  /**
   * Begins with the changes after `lastEventId`, or with those from now on.
   * @param onNews called when `next` has something new
   */
  follow(owner: string, lastEventId: string | undefined, onNews: () => void): FeedReader;
}

/** A feed outlives its last reader for this long, and its states are kept as long, so that a client can resume. */
const KEEP_MS = 60_000;
/** About 3 KiB each, so 1.5 MiB for an owner. */
const MAX_KEPT = 500;
/** Between two reads: a batch changes hundreds of times per second. */
const READ_GAP_MS = 200;
const READS_AT_ONCE = 100;
/** Changed ids that are not read yet; about 1 MiB. */
const MAX_PENDING = 10_000;
const RETRY_MS = 1000;

interface Feed {
  /** Random, since positions are counted from 0 in each process. */
  id: string;
  /** The position of the newest event. */
  position: number;
  /** Events up to this position are not kept. */
  lostUpTo: number;
  /** The newest state of each image and batch, oldest change first. */
  kept: Map<string, { position: number; at: number; state: OwnerState }>;
  pending: Set<string>;
  isReading: boolean;
  readers: Set<() => void>;
  closing: NodeJS.Timeout | null;
}

/**
 * Keeps, for each owner with a reader, the newest states of the images and batches that changed within the last minute.
 * Readers pull them in the order of the changes, so a slow reader skips intermediate states.
 * @param read the current states; ids without one are absent
 */
export function openOwnerFeeds(
  changes: Changes,
  read: (ids: readonly string[]) => Promise<OwnerState[]>,
  { keepMs = KEEP_MS, maxKept = MAX_KEPT }: { keepMs?: number; maxKept?: number } = {},
): OwnerFeeds {
  const feeds = new Map<string, Feed>();

  changes.listen(
    ({ id, version, owner }) => {
      const feed = owner === null ? undefined : feeds.get(owner);
      if (feed === undefined || owner === null) return;
      if (version <= (feed.kept.get(id)?.state.state.version ?? 0)) return;
      feed.pending.add(id);
      if (feed.pending.size > MAX_PENDING) lose(feed);
      void readPending(owner, feed);
    },
    () => {
      for (const feed of feeds.values()) lose(feed);
    },
  );

  return {
    follow(owner, lastEventId, onNews) {
      const feed = feeds.get(owner) ?? open(owner);
      if (feed.closing !== null) clearTimeout(feed.closing);
      feed.closing = null;
      feed.readers.add(onNews);
      const place = placeIn(feed, lastEventId);
      return {
        startId: lastEventId === undefined ? idOf(feed, place) : null,
        next: () => nextEvent(feed, place),
        leave() {
          feed.readers.delete(onNews);
          if (feed.readers.size > 0) return;
          feed.closing = setTimeout(() => feeds.delete(owner), keepMs).unref();
        },
      };
    },
  };

  function open(owner: string): Feed {
    const feed: Feed = {
      id: randomBytes(6).toString('hex'),
      position: 0,
      lostUpTo: 0,
      kept: new Map(),
      pending: new Set(),
      isReading: false,
      readers: new Set(),
      closing: null,
    };
    feeds.set(owner, feed);
    return feed;
  }

  async function readPending(owner: string, feed: Feed): Promise<void> {
    if (feed.isReading) return;
    feed.isReading = true;
    while (feed.pending.size > 0) {
      const ids = [...feed.pending].slice(0, READS_AT_ONCE);
      for (const id of ids) feed.pending.delete(id);
      try {
        for (const state of await read(ids)) if (state.state.owner === owner) keep(feed, state);
      } catch {
        for (const id of ids) feed.pending.add(id);
        await sleep(RETRY_MS);
      }
      for (const onNews of feed.readers) onNews();
      await sleep(READ_GAP_MS);
    }
    feed.isReading = false;
  }

  function keep(feed: Feed, state: OwnerState): void {
    const { id, version } = state.state;
    const { kept } = feed;
    if (version <= (kept.get(id)?.state.state.version ?? 0)) return;
    kept.delete(id);
    feed.position++;
    const now = performance.now();
    kept.set(id, { position: feed.position, at: now, state });
    for (const [oldest, { position, at }] of kept) {
      if (kept.size <= maxKept && at > now - keepMs) return;
      kept.delete(oldest);
      feed.lostUpTo = position;
    }
  }
}

/** Tells every reader of the feed that changes may be missing. */
function lose(feed: Feed): void {
  feed.pending.clear();
  feed.kept.clear();
  feed.position++;
  feed.lostUpTo = feed.position;
  for (const onNews of feed.readers) onNews();
}

/** The position of the last event that the reader has; below 0 if that is unknown. */
interface Place {
  position: number;
}

function placeIn(feed: Feed, lastEventId: string | undefined): Place {
  if (lastEventId === undefined) return { position: feed.position };
  const [, id, position] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(lastEventId) ?? [];
  const isKnown = id === feed.id && Number(position) <= feed.position;
  return { position: isKnown ? Number(position) : -1 };
}

function nextEvent(feed: Feed, place: Place): FeedEvent | null {
  if (place.position === feed.position) return null;
  if (place.position < feed.lostUpTo || place.position < 0) {
    // An unknown reader may have received any of the kept states.
    place.position = place.position < 0 ? feed.position : feed.lostUpTo;
    return { id: idOf(feed, place), type: 'gap' };
  }
  for (const { position, state } of feed.kept.values()) {
    if (position <= place.position) continue;
    place.position = position;
    return { id: idOf(feed, place), ...state };
  }
  return null;
}

const idOf = (feed: Feed, { position }: Place) => `${feed.id}-${position}`;
