/*
 * The host of Redis vanishes, and another one takes its address: no packet of a connection to the old host is answered, not even
 * with a reset. Needs root, for a network namespace.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { REDIS_SERVER } from '@pixdock/shared/testing/redis-programs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { type Host, type Network, openNetwork } from '../harness/hosts.js';
import { type Stack, startStack } from '../harness/stack.js';
import { acceptedOf, expectPrompt, expectPublished, sendDuring, untilResponses } from './support.js';

const PORT = 6379;
/** As a Sentinel or a load balancer does. */
const REPLACED_AFTER_MS = 5000;
const LONGEST_503_MS = 20_000;

let network: Network | null = null;
try {
  network = openNetwork();
} catch {
  // The test is skipped.
}

let folder: string;
let host: Host;
let redis: ReturnType<typeof startServer>;
let stack: Stack;
beforeAll(async () => {
  if (network === null) return;
  folder = await mkdtemp(join(tmpdir(), 'pixdock-vanished-'));
  host = network.addHost('redis');
  redis = startServer();
  stack = await startStack({ REDIS_URL: `redis://${host.address}:${PORT}` });
});
afterAll(async () => {
  if (network === null) return;
  await stack?.stop();
  await endServer();
  network.remove();
  await rm(folder, { recursive: true });
});

function startServer() {
  const options = `--port ${PORT} --bind 0.0.0.0 --protected-mode no --appendonly yes --save`.split(' ');
  const [program = '', ...args] = [...host.through, REDIS_SERVER, ...options, '', '--dir', folder];
  return killOnExit(spawn(program, args, { stdio: 'ignore' }));
}

async function endServer(): Promise<void> {
  redis.kill('SIGKILL');
  await once(redis, 'exit');
}

test.runIf(network !== null)(
  'refuses uploads briefly when the host of Redis vanishes and is replaced',
  async () => {
    let refusedMs = 0;
    const sent = await sendDuring(stack, 'vanished', 4, async (during) => {
      await untilResponses(during, 202, 6);
      const ports = host.peerPorts();
      host.cutOff();
      const lostAt = performance.now();
      await untilResponses(during, 503);
      await sleep(REPLACED_AFTER_MS - (performance.now() - lostAt));
      await endServer();
      redis = startServer();
      host.cutOff(ports);
      await until('the API to be ready', 60, async () =>
        (await ask(stack, '/readyz')).status === 200 ? true : null,
      );
      await untilResponses(during, 202, during.filter(({ response }) => response.status === 202).length + 6);
      refusedMs = performance.now() - lostAt;
    });
    expectPrompt(sent);
    expect(refusedMs).toBeLessThan(LONGEST_503_MS);
    await expectPublished(stack, acceptedOf(sent));
  },
);
