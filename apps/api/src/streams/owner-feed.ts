import { sleep } from '@pixdock/shared/runtime/clock';
import type { Change, Changes, Following } from '@pixdock/shared/state/changes';
import {
  addState,
  type Feed,
  type FeedEvent,
  type FeedLimits,
  idOf,
  newFeed,
  nextEvent,
  type OwnerState,
  reportGap,
  startReading,
} from './feed.js';

/** One reader of the feed of an owner. */
export interface FeedReader {
  /** The id from which a client without events can resume; null if the client has one. */
  startId: string | null;
  /** The next event; null if the reader has all of them. */
  next(): FeedEvent | null;
  leave: () => void;
}

export interface OwnerFeeds {
  /** Resolves once the feed of the owner gets all changes. A reader must follow within a minute. */
  open(owner: string): Promise<void>;
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

/**
 * Keeps, for each owner with a reader, the newest states of the images and batches that changed within the last minute.
 * Readers pull them in the order of the changes, so a slow reader skips intermediate states.
 * @param read the current states; ids without one are absent
 */
export function openOwnerFeeds(
  changes: Changes,
  read: (ids: readonly string[]) => Promise<OwnerState[]>,
  { keepMs = KEEP_MS, maxKept = MAX_KEPT }: Partial<FeedLimits> = {},
): OwnerFeeds {
  const feeds = new Map<string, Feed & { following: Following }>();

  function feedOf(owner: string) {
    const known = feeds.get(owner);
    if (known !== undefined) return known;
    const onChange = ({ id, version }: Change) => {
      if (version <= (feed.kept.get(id)?.state.state.version ?? 0)) return;
      feed.pending.add(id);
      if (feed.pending.size > MAX_PENDING) reportGap(feed);
      void readPending(owner, feed);
    };
    const feed = { ...newFeed(), following: changes.follow(owner, onChange, () => reportGap(feed)) };
    feeds.set(owner, feed);
    return feed;
  }

  /** Closes the feed in a minute, unless a reader follows until then. */
  function closeLater(owner: string, feed: ReturnType<typeof feedOf>): void {
    if (feed.closing !== null) clearTimeout(feed.closing);
    feed.closing = setTimeout(() => {
      feeds.delete(owner);
      feed.following.leave();
    }, keepMs).unref();
  }

  return {
    async open(owner) {
      const feed = feedOf(owner);
      if (feed.readers.size === 0) closeLater(owner, feed);
      await feed.following.ready;
    },

    follow(owner, lastEventId, onNews) {
      const feed = feedOf(owner);
      if (feed.closing !== null) clearTimeout(feed.closing);
      feed.closing = null;
      feed.readers.add(onNews);
      const reading = startReading(feed, lastEventId);
      return {
        startId: lastEventId === undefined ? idOf(feed, reading) : null,
        next: () => nextEvent(feed, reading),
        leave() {
          feed.readers.delete(onNews);
          if (feed.readers.size === 0) closeLater(owner, feed);
        },
      };
    },
  };

  async function readPending(owner: string, feed: Feed): Promise<void> {
    if (feed.isReading) return;
    feed.isReading = true;
    while (feed.pending.size > 0) {
      const ids = [...feed.pending].slice(0, READS_AT_ONCE);
      for (const id of ids) feed.pending.delete(id);
      try {
        for (const state of await read(ids))
          if (state.state.owner === owner) addState(feed, state, { keepMs, maxKept });
      } catch {
        for (const id of ids) feed.pending.add(id);
        await sleep(RETRY_MS);
      }
      for (const onNews of feed.readers) onNews();
      await sleep(READ_GAP_MS);
    }
    feed.isReading = false;
  }
}
