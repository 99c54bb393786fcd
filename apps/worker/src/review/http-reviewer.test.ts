import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { mustWait } from '../admission/permit.js';
import type { WebhookSender } from '../fetch/post.js';
import { openHttpReviewer } from './http-reviewer.js';

const HTTP = {
  url: 'http://reviewer.example/',
  secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
};
const NOT_ABORTED = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A reviewer that answers with one status, and asks about an image of an owner. */
function open(answer = { status: 200 }) {
  const sender: WebhookSender = {
    post: async () => {
      const body = Buffer.from('{"decision":"approve"}');
      return { status: answer.status, error: null, retryAfterMs: null, again: true, body };
    },
  };
  const reviewer = openHttpReviewer(HTTP, sender);
  const image = Buffer.from('picture');
  const ask = (owner: string) =>
    reviewer.ask(
      { id: 'msg_1', owner, image, filename: 'main.jpg', mediaType: 'image/jpeg', data: {} },
      NOT_ABORTED,
    );
  return { ask, acquire: (owner: string) => reviewer.acquire(owner), answer };
}

const acquireMany = (acquire: ReturnType<typeof open>['acquire'], owner: string, count: number) =>
  Array.from({ length: count }, () => acquire(owner));

it('leaves half of the requests to other owners, however many images the first one has', () => {
  const { acquire } = open();
  expect(acquireMany(acquire, 'alice', 8).some(mustWait)).toBe(false);
  expect(acquireMany(acquire, 'alice', 100).every(mustWait)).toBe(true);
  expect(acquireMany(acquire, 'bob', 8).some(mustWait)).toBe(false);
});

it('gives a third of the requests to each of three owners', () => {
  const { acquire } = open();
  const [first] = acquireMany(acquire, 'alice', 8);
  const [second] = acquireMany(acquire, 'bob', 8);
  expect(mustWait(acquire('carol'))).toBe(true);
  for (const permit of [first, second]) permit?.[Symbol.dispose]();
  expect([...acquireMany(acquire, 'alice', 100), ...acquireMany(acquire, 'bob', 100)].every(mustWait)).toBe(
    true,
  );
  expect(acquireMany(acquire, 'carol', 2).some(mustWait)).toBe(false);
});

it('forgets an owner that no longer waits, for example because its image is deleted', () => {
  const { acquire } = open();
  const [first] = acquireMany(acquire, 'alice', 8);
  acquireMany(acquire, 'bob', 8);
  acquire('carol');
  first?.[Symbol.dispose]();
  expect(mustWait(acquire('alice'))).toBe(true);
  vi.advanceTimersByTime(61_000);
  expect(mustWait(acquire('alice'))).toBe(false);
});

it('spreads the retries of thousands of images', () => {
  const { acquire } = open();
  acquireMany(acquire, 'alice', 8);
  const delays = acquireMany(acquire, 'alice', 2000).map((one) => (mustWait(one) ? one.retryAfterMs : 0));
  expect(delays[0]).toBe(400);
  expect(delays.at(-1)).toBeGreaterThan(20_000);
});

it('takes requests that fail together as one failure', async () => {
  const { acquire, ask } = open({ status: 500 });
  await Promise.all(Array.from({ length: 8 }, () => ask('alice')));
  vi.advanceTimersByTime(1500);
  expect(mustWait(acquire('alice'))).toBe(false);
});

it('pauses after a failure for the owner of that image only, and then asks about one image at a time', async () => {
  const { acquire, ask, answer } = open({ status: 500 });
  await ask('alice');
  expect(mustWait(acquire('alice'))).toBe(true);
  expect(mustWait(acquire('bob'))).toBe(false);
  vi.advanceTimersByTime(1500);
  expect(acquireMany(acquire, 'alice', 2).map(mustWait)).toEqual([false, true]);
  answer.status = 200;
  await ask('alice');
  expect(mustWait(acquire('alice'))).toBe(false);
});
