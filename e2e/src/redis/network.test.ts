/*
 * A network that fails between the services and Redis. PIXDOCK_LONG=1 makes the outages as long as docs/reliability.md
 * has them: a cut of 30 s instead of 6 s, every n-th piece for more n.
 */
import type { Batch } from '@pixdock/shared/contract/batch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, ask, until } from '../harness/client.js';
import type { Side } from '../harness/tcp-proxy.js';
import {
  acceptedOf,
  expectPrompt,
  expectPublished,
  type ProxiedStack,
  type Sent,
  send,
  sendDuring,
  smallPhoto,
  startProxiedStack,
} from './support.js';

const IS_LONG = process.env.PIXDOCK_LONG === '1';
const CUT_MS = IS_LONG ? 30_000 : 6000;
const RESET_EVERY = IS_LONG ? [3, 5, 11, 23, 47, 101] : [7, 31];
/** An accepted upload with a key takes fewer pieces. */
const PIECES = 14;

let stack: ProxiedStack;
const ids: string[] = [];
beforeAll(async () => {
  stack = await startProxiedStack();
});
afterAll(() => stack.stop());

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test.each<Side>(['request', 'answer'])(
  'the connection of the API is lost at each %s of an upload in turn: a repeat makes one image of it',
  async (side) => {
    const first: (Sent & { bytes: Buffer })[] = [];
    for (let n = 1; n <= PIECES; n++) {
      const bytes = await smallPhoto();
      stack.api2redis.resetAt(n, side);
      first.push({ ...(await send(stack, `${side}-${n}`, bytes)), bytes });
      stack.api2redis.heal();
      await untilReady();
    }
    expectPrompt(first);
    expect(first.filter(({ answer }) => answer.status !== 202)).not.toEqual([]);
    const repeated = first.map(({ key, bytes }) =>
      // A claim that could not be let go of holds its key for 20 s.
      until(`${key} to be accepted`, 30, async () => {
        const { answer } = await send(stack, key, bytes);
        return isMade(answer) ? answer.body.id : null;
      }),
    );
    const accepted = await Promise.all(repeated);
    for (const [i, { answer }] of first.entries())
      if (answer.status === 202) expect(accepted[i]).toBe(answer.body.id);
    ids.push(...accepted);
    await expectPublished(stack, ids);
  },
  120_000,
);

test.each(RESET_EVERY.flatMap((n) => [[n, 'request'] as const, [n, 'answer'] as const]))(
  'every connection is lost again and again, at each %sth %s',
  async (n, side) => {
    const { api2redis, worker2redis } = stack;
    const before = api2redis.resets() + worker2redis.resets();
    const sent = await sendDuring(stack, `every-${n}-${side}`, 4, async () => {
      api2redis.resetAt(n, side, true);
      worker2redis.resetAt(n, side, true);
      await pause(3000);
    });
    api2redis.heal();
    worker2redis.heal();
    expect(api2redis.resets() + worker2redis.resets()).toBeGreaterThan(before + 3);
    await expectWell(sent);
  },
  120_000,
);

test('Redis is cut off from everyone, with images in hand', async () => {
  const { api2redis, worker2redis } = stack;
  const sent = await sendDuring(stack, 'cut', 4, async () => {
    await pause(1000);
    api2redis.cut();
    worker2redis.cut();
    await pause(CUT_MS);
    api2redis.heal();
    worker2redis.heal();
    await untilReady();
    await pause(500);
  });
  expect(sent.some(({ answer }) => answer.status === 503)).toBe(true);
  await expectWell(sent);
}, 120_000);

test('connections stay open and nothing passes: refused in time, and healed', async () => {
  const { api2redis, worker2redis } = stack;
  const sent = await sendDuring(stack, 'pause', 4, async () => {
    await pause(500);
    api2redis.pause();
    worker2redis.pause();
    await pause(CUT_MS);
    api2redis.heal();
    worker2redis.heal();
    await untilReady();
  });
  expect(sent.some(({ answer }) => answer.status === 503)).toBe(true);
  await expectWell(sent);
}, 120_000);

test('half a second to Redis and back is slow, not broken', async () => {
  const { api2redis, worker2redis } = stack;
  api2redis.slow(250);
  worker2redis.slow(250);
  const began = performance.now();
  const { answer } = await send(stack, 'slow', await smallPhoto());
  expect(answer.status).toBe(202);
  expect(performance.now() - began).toBeGreaterThan(2000);
  ids.push(answer.body.id);
  await expectPublished(stack, ids);
}, 120_000);

// Last, since its items are images too.
test.each<Side>(['request', 'answer'])(
  'the connection of the API is lost at each %s of a batch in turn: what was accepted is there once, what was refused is not',
  async (side) => {
    const items = [{ url: 'http://127.0.0.1:9/picture.jpg' }];
    const body = JSON.stringify({ items });
    const submit = (headers: Record<string, string>) =>
      ask<Batch>(stack, '/v1/batches', {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'application/json', ...headers },
      });
    const before = await batchIds();
    const accepted = new Set<string>();
    const repeats: Promise<void>[] = [];
    for (let n = 1; n <= PIECES; n++) {
      for (const key of [null, `batch-${side}-${n}`]) {
        const headers: Record<string, string> = key === null ? {} : { 'Idempotency-Key': key };
        stack.api2redis.resetAt(n, side);
        const first = await submit(headers);
        stack.api2redis.heal();
        await untilReady();
        if (first.status === 202) accepted.add(first.body.id);
        if (key !== null) repeats.push(repeat(() => submit(headers), accepted));
      }
    }
    await Promise.all(repeats);
    const made = async () => (await batchIds()).filter((id) => !before.includes(id)).toSorted();
    await until('what was refused to be gone', 20, async () =>
      (await made()).length === accepted.size ? true : null,
    );
    expect(await made()).toEqual([...accepted].toSorted());
  },
  120_000,
);

async function expectWell(sent: readonly Sent[]): Promise<void> {
  expectPrompt(sent);
  await untilReady();
  const after = await send(stack, `after-${ids.length}`, await smallPhoto());
  expect(after.answer.status).toBe(202);
  ids.push(...acceptedOf(sent), after.answer.body.id);
  await expectPublished(stack, ids);
}

/** One whose first answer was lost may be done by now. */
const isMade = ({ status }: Pick<Answer, 'status'>) => status === 201 || status === 202;

async function repeat(submit: () => Promise<Answer<Batch>>, accepted: Set<string>): Promise<void> {
  // A claim that could not be let go of holds its key for 20 s.
  const id = await until('a batch to be accepted', 30, async () => {
    const answer = await submit();
    return isMade(answer) ? answer.body.id : null;
  });
  accepted.add(id);
}

async function batchIds(): Promise<string[]> {
  const { body } = await ask<{ items: Batch[] }>(stack, '/v1/batches?limit=100');
  return body.items.map(({ id }) => id);
}

const untilReady = () =>
  until('the API to be ready', 20, async () => ((await ask(stack, '/readyz')).status === 200 ? true : null));
