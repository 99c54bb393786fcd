/* A master is lost under load and Sentinel gives its place to the replica. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { type Stack, startStack } from '../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';
import { acceptedOf, expectPrompt, expectPublished, sendDuring, untilResponses } from './support.js';
import { type Sentinels, startSentinels } from './topology.js';

let link: TcpProxy;
let redis: Sentinels;
let stack: Stack;
beforeAll(async () => {
  link = await startTcpProxy();
  redis = await startSentinels({ link });
  stack = await startStack({ REDIS_URL: redis.url });
});
afterAll(async () => {
  try {
    await stack.stop();
  } finally {
    await redis.stop();
    await link.stop();
  }
});

test('publishes accepted images after a failover, also those that the new master never received', async () => {
  const old = redis.master();
  const sent = await sendDuring(stack, 'failover', 6, async (during) => {
    await untilResponses(during, 202);
    // Replication is asynchronous: while it is blocked, the following writes are lost for certain.
    link.pause();
    await sleep(1000);
    await redis.killMaster();
    await untilResponses(during, 503);
    link.cut();
    await until('a new master', 30, async () => (redis.master() === old ? null : true));
    await until('the API to be ready', 20, async () =>
      (await ask(stack, '/readyz')).status === 200 ? true : null,
    );
    await sleep(1000);
  });
  expectPrompt(sent);
  await expectPublished(stack, acceptedOf(sent));
});
