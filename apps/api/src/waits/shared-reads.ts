import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Changes, Following } from '@pixdock/shared/state/changes';

/** A state of an image or a batch. The versions of an id only increase. */
export interface Versioned {
  id: string;
  owner: string;
  version: number;
}

/** Receives the states of one id. */
export interface Follower<T> {
  /** Called with each state that is newer than all before it; intermediate states may be skipped. */
  onState(state: T): void;
  /** Called when the state cannot be read. The follower may stay or leave. */
  onError(error: Error): void;
}

export interface SharedReads<T> {
  /** Passes the states of an id to `follower` until the returned function is called. */
  follow(id: string, follower: Follower<T>): () => void;
}

interface Topic<T> {
  following: Following;
  followers: Set<Follower<T>>;
  /** The newest state read; null before the first. */
  state: T | null;
  /** The newest version that was published and is not read yet. */
  published: number;
  isReading: boolean;
  /** When the last read began. */
  readAt: number;
}

// A change that is published while the subscription is down is lost. Reading again after two seconds finds it.
const RECHECK_MS = 2000;
// At most 200 such reads per second, about 2 % of a core. With more than 400 ids, each is read less often.
const TICK_MS = 100;
const RECHECKS_PER_TICK = 20;

/**
 * Reads an image or a batch once for all of its followers: when they begin, and when a change is published that is newer
 * than the last read. The reads of one id never overlap.
 * @param gapMs a pause between two reads of one id, since a batch may change hundreds of times per second
 */
export function openSharedReads<T extends Versioned>(
  changes: Changes,
  read: (id: string) => Promise<T | null>,
  gapMs: number,
): SharedReads<T> {
  // Ordered by the time of the last read.
  const topics = new Map<string, Topic<T>>();
  let ticking: NodeJS.Timeout | null = null;

  return {
    follow(id, follower) {
      const topic = topics.get(id) ?? open(id);
      topic.followers.add(follower);
      const { state } = topic;
      if (state !== null) follower.onState(state);
      return () => leave(id, topic, follower);
    },
  };

  function open(id: string): Topic<T> {
    const topic: Topic<T> = {
      following: changes.follow(id, ({ version }) => {
        topic.published = Math.max(topic.published, version);
        if (isBehind(topic)) void refresh(id, topic);
      }),
      followers: new Set(),
      state: null,
      published: 0,
      isReading: false,
      readAt: -gapMs,
    };
    topics.set(id, topic);
    ticking ??= setInterval(recheck, TICK_MS);
    void topic.following.ready.then(() => {
      if (topics.get(id) === topic) void refresh(id, topic);
    });
    return topic;
  }

  function leave(id: string, topic: Topic<T>, follower: Follower<T>): void {
    topic.followers.delete(follower);
    // A topic whose read is under way stays until the read ends, so that another one cannot begin meanwhile.
    if (topic.followers.size === 0 && !topic.isReading) close(id, topic);
  }

  function close(id: string, topic: Topic<T>): void {
    topics.delete(id);
    topic.following.leave();
    if (topics.size > 0 || ticking === null) return;
    clearInterval(ticking);
    ticking = null;
  }

  async function refresh(id: string, topic: Topic<T>): Promise<void> {
    if (topic.isReading) return;
    topic.isReading = true;
    do {
      await sleep(Math.max(0, topic.readAt + gapMs - performance.now()));
      topic.readAt = performance.now();
      topic.published = 0;
      topics.delete(id);
      topics.set(id, topic);
      await readOnce(id, topic);
    } while (topic.followers.size > 0 && isBehind(topic));
    topic.isReading = false;
    if (topic.followers.size === 0) close(id, topic);
  }

  async function readOnce(id: string, topic: Topic<T>): Promise<void> {
    try {
      // A command also times out when this process was busy for a second. The second try distinguishes that from an outage.
      const state = await read(id).catch(() => read(id));
      if (state === null || state.version <= (topic.state?.version ?? 0)) return;
      topic.state = state;
      for (const follower of topic.followers) follower.onState(state);
    } catch (error) {
      for (const follower of topic.followers) follower.onError(asError(error));
    }
  }

  function recheck(): void {
    const before = performance.now() - RECHECK_MS;
    let count = 0;
    for (const [id, topic] of topics) {
      if (topic.readAt > before || count++ === RECHECKS_PER_TICK) return;
      void refresh(id, topic);
    }
  }
}

function isBehind({ published, state }: Topic<Versioned>): boolean {
  return published > (state?.version ?? 0);
}
