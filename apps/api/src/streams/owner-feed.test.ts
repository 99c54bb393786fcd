import type { Change, Changes } from '@pixdock/shared/state/changes';
import { testRecord } from '@pixdock/shared/testing/record';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { OwnerState } from './feed.js';
import { type FeedReader, type OwnerFeeds, openOwnerFeeds } from './owner-feed.js';

let states: Map<string, OwnerState>;
let topics: Map<string, { onChange: (change: Change) => void; onLoss: () => void }>;
let feeds: OwnerFeeds;
let isDown: boolean;
beforeEach(() => {
  vi.useFakeTimers();
  isDown = false;
  states = new Map();
  topics = new Map();
  const changes: Changes = {
    follow(topic, onChange, onLoss = () => {}) {
      topics.set(topic, { onChange, onLoss });
      return { ready: Promise.resolve(), leave: () => void topics.delete(topic) };
    },
  };
  feeds = openOwnerFeeds(changes, read, { maxKept: 3 });
});
afterEach(() => void vi.useRealTimers());

async function read(ids: readonly string[]): Promise<OwnerState[]> {
  if (isDown) throw new Error('Redis is away');
  return ids.flatMap((id) => states.get(id) ?? []);
}

/** Publishes a version of an image; `read` is the version that a read finds. */
function change(id: string, version: number, { owner = 'acme', found = version } = {}): void {
  states.set(id, { type: 'image', state: { ...testRecord({ owner }), id, version: found } });
  topics.get(owner)?.onChange({ id, version });
}

const settle = () => vi.advanceTimersByTimeAsync(500);

/** The events of a reader, as `image a 2` or `gap`, and the id of the last one. */
function take(reader: FeedReader): { events: string[]; last: string | undefined } {
  const events: string[] = [];
  let last: string | undefined;
  for (let event = reader.next(); event !== null; event = reader.next()) {
    last = event.id;
    events.push(event.type === 'gap' ? 'gap' : `${event.state.id} ${event.state.version}`);
  }
  return { events, last };
}

it('gives every reader of an owner the changes from now on', async () => {
  change('a', 1);
  let news = 0;
  const readers = [1, 2].map(() => feeds.follow('acme', undefined, () => news++));
  const other = feeds.follow('other', undefined, () => {});
  change('b', 2);
  change('a', 2);
  await settle();
  expect(news).toBeGreaterThanOrEqual(2);
  for (const reader of readers) expect(take(reader).events).toEqual(['b 2', 'a 2']);
  expect(take(other).events).toEqual([]);
});

it('skips intermediate versions, and repeats none', async () => {
  const reader = feeds.follow('acme', undefined, () => {});
  change('a', 1, { found: 3 });
  await settle();
  for (const version of [2, 3]) change('a', version, { found: 3 });
  await settle();
  expect(take(reader).events).toEqual(['a 3']);
  for (let version = 4; version <= 9; version++) change('a', version);
  await settle();
  expect(take(reader).events).toEqual(['a 9']);
});

it('resumes with what changed since, without a repetition', async () => {
  const first = feeds.follow('acme', undefined, () => {});
  change('a', 1);
  await settle();
  const { last } = take(first);
  first.leave();
  change('b', 1);
  change('a', 2);
  await settle();
  const resumed = feeds.follow('acme', last, () => {});
  expect(take(resumed).events).toEqual(['b 1', 'a 2']);
  resumed.leave();
});

it.each<[string, (last: string) => Promise<string>]>([
  [
    'more changed than is kept',
    async (last) => {
      for (const id of ['b', 'c', 'd', 'e']) change(id, 1);
      await settle();
      return last;
    },
  ],
  [
    'the feed was closed in between',
    async (last) => {
      await vi.advanceTimersByTimeAsync(61_000);
      return last;
    },
  ],
  ['the id is of another process', async () => `${'0'.repeat(12)}-1`],
  ['the id is of no feed', async () => '7'],
  [
    'the subscription was down',
    async (last) => {
      topics.get('acme')?.onLoss();
      return last;
    },
  ],
])('reports a gap when %s', async (_name, miss) => {
  const first = feeds.follow('acme', undefined, () => {});
  change('a', 1);
  await settle();
  const { last = '' } = take(first);
  first.leave();
  const resumed = feeds.follow('acme', await miss(last), () => {});
  expect(take(resumed).events[0]).toBe('gap');
  change('z', 1);
  await settle();
  expect(take(resumed).events).toEqual(['z 1']);
  resumed.leave();
});

it('gives a client an id from which it misses nothing, even if it receives no event', async () => {
  const first = feeds.follow('acme', undefined, () => {});
  first.leave();
  change('a', 1);
  await settle();
  const resumed = feeds.follow('acme', first.startId ?? '', () => {});
  expect(take(resumed).events).toEqual(['a 1']);
  expect(resumed.startId).toBeNull();
});

it('reads a change again after an outage', async () => {
  const reader = feeds.follow('acme', undefined, () => {});
  isDown = true;
  change('a', 1);
  await settle();
  expect(take(reader).events).toEqual([]);
  isDown = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect(take(reader).events).toEqual(['a 1']);
});
