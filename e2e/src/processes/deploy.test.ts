/* Deploys under load: the old process receives SIGTERM while the new one starts on its port. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../harness/processes.js';
import { type Stack, startStack } from '../harness/stack.js';
import { expectPublished, smallPhoto } from '../redis/support.js';
import { hasRead, openSender, TELLS_REQUESTS } from './sender.js';

/** PIXDOCK_LONG=1 runs ten deploys. */
const DEPLOYS = process.env.PIXDOCK_LONG === '1' ? 10 : 4;
const IN_FLIGHT = 16;
/** One decoding lane keeps up with this, even if ten deploys take a minute. */
const PAUSE_MS = 1000;

let stack: Stack;
const old: Service[] = [];
beforeAll(async () => {
  stack = await startStack(TELLS_REQUESTS);
});
afterAll(async () => {
  await Promise.all(old.map((service) => service.stop()));
  await stack.stop();
});

test('responds to every request that was read during deploys of API and worker, and loses nothing', async () => {
  const load = startLoad();
  for (let deploy = 0; deploy < DEPLOYS; deploy++) {
    old.push(stack.api, stack.worker);
    stack.api.kill('SIGTERM');
    stack.worker.kill('SIGTERM');
    await Promise.all([stack.restartApi(), stack.restartWorker()]);
  }
  const { accepted, broken } = await load.end();

  const exits = await Promise.all(old.map(({ exited }) => exited));
  expect(exits).toEqual(old.map(() => 0));
  const printed = [...old, stack.api].map((service) => service.output()).join('');
  expect(broken.filter((name) => hasRead(printed, name))).toEqual([]);
  await expectPublished(stack, accepted, 150);
});

/** Clients that upload one image after the other, and repeat each until it is accepted. */
function startLoad() {
  const accepted: string[] = [];
  const broken: string[] = [];
  const over = new AbortController();
  const lanes = Array.from({ length: IN_FLIGHT }, async (_, lane) => {
    const sender = openSender(stack, lane % 2 === 0);
    for (let i = 0; !over.signal.aborted; i++) {
      const bytes = await smallPhoto();
      for (;;) {
        const sent = await sender.send(`deploy-${lane}-${i}`, bytes);
        await sleep(PAUSE_MS);
        if (sent.outcome === 'broken') broken.push(sent.name);
        else if (sent.status === 202) accepted.push(sent.image.id);
        else expect(sent.status).toBe(503);
        if (sent.outcome === 'responded' && sent.status === 202) break;
      }
    }
    sender.close();
  });
  return {
    async end() {
      over.abort();
      await Promise.all(lanes);
      return { accepted, broken };
    },
  };
}
