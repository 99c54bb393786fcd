/*
 * Redis stops, crashes, hangs or loses data under load. PIXDOCK_LONG=1 makes it hang for 20 s, more than twice the lock of a
 * job, instead of 5 s.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { type Stack, startStack } from '../harness/stack.js';
import { acceptedOf, expectPrompt, expectPublished, sendDuring, untilResponses } from './support.js';

const HANG_MS = process.env.PIXDOCK_LONG === '1' ? 20_000 : 5000;

let stack: Stack;
const ids: string[] = [];
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const signal = (name: NodeJS.Signals) => process.kill(stack.redis.pid(), name);

const outages: [string, () => Promise<void>][] = [
  [
    'is restarted in order',
    async () => {
      stack.redis.cli('SHUTDOWN');
      await sleep(1000);
      await stack.redis.restart();
    },
  ],
  [
    'is killed with -9, twice',
    async () => {
      for (let kill = 0; kill < 2; kill++) {
        await stack.redis.crash();
        await stack.redis.restart();
        await sleep(1500);
      }
    },
  ],
  [
    'hangs, with every connection open',
    async () => {
      signal('SIGSTOP');
      await sleep(HANG_MS).finally(() => signal('SIGCONT'));
    },
  ],
  [
    'forgets everything, twice',
    async () => {
      stack.redis.cli('FLUSHALL');
      await sleep(1000);
      stack.redis.cli('FLUSHALL');
    },
  ],
];

test.each(outages)('publishes accepted images once when Redis %s', async (how, outage) => {
  const sent = await sendDuring(stack, how.replaceAll(/\W+/g, '-'), 6, async (during) => {
    await untilResponses(during, 202, 6);
    await outage();
    await until('the API to be ready', 20, async () =>
      (await ask(stack, '/readyz')).status === 200 ? true : null,
    );
    await sleep(500);
  });
  expectPrompt(sent);
  const accepted = acceptedOf(sent);
  ids.push(...accepted);
  await expectPublished(stack, ids);
});
