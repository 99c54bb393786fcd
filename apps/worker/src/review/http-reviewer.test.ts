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

it('leaves half of the requests to another owner that waits, however many images the first one has', () => {
  const { acquire } = open();
  const busy = acquireMany(acquire, 'alice', 8);
  expect(busy.some(mustWait)).toBe(false);
  expect(mustWait(acquire('bob'))).toBe(true);
  for (const permit of busy.slice(0, 2)) permit[Symbol.dispose]();
  expect(acquireMany(acquire, 'alice', 100).every(mustWait)).toBe(true);
  expect(mustWait(acquire('bob'))).toBe(false);
  // Bob waits no longer.
  expect(mustWait(acquire('alice'))).toBe(false);
});

it('forgets an owner that no longer waits, for example because its image is deleted', () => {
  const { acquire } = open();
  const busy = acquireMany(acquire, 'alice', 8);
  acquire('bob');
  busy[0]?.[Symbol.dispose]();
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

it('asks about the image of another owner after a failure', async () => {
  const { acquire, ask, answer } = open({ status: 500 });
  await ask('alice');
  expect(mustWait(acquire('bob'))).toBe(true);
  vi.advanceTimersByTime(1500);
  expect(mustWait(acquire('alice'))).toBe(true);
  using probe = acquire('bob');
  expect(mustWait(probe)).toBe(false);
  answer.status = 200;
  await ask('bob');
  expect(mustWait(acquire('alice'))).toBe(false);
});
