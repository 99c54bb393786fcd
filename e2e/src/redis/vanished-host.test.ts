/*
 * The host of Redis vanishes, and another one takes its address: no packet of a connection to the old host is answered, not even
 * with a reset. Needs root, for a network namespace.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { REDIS_SERVER } from '@pixdock/shared/testing/redis-programs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { type Stack, startStack } from '../harness/stack.js';
import { acceptedOf, expectPrompt, expectPublished, sendDuring, untilResponses } from './support.js';

const NAME = `pd${process.pid}`;
/** Of a network of two addresses, unlike that of an interrupted run: that of the services, and that of Redis. */
const [OURS, HOST] = [1, 2].map((last) => `10.251.${process.pid % 256}.${last}`);
const PORT = 6379;
/** As a Sentinel or a load balancer does. */
const REPLACED_AFTER_MS = 5000;
const LONGEST_503_MS = 20_000;

const isRoot = process.getuid?.() === 0;
const run = (command: string, input?: string) => {
  const [program = '', ...args] = command.split(' ');
  return execFileSync(program, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });
};
const inside = (command: string, input?: string) => run(`ip netns exec ${NAME} ${command}`, input);
const canRun = (command: string) => {
  try {
    run(command);
    return true;
  } catch {
    return false;
  }
};
const isAble =
  isRoot &&
  canRun('nft --version') &&
  canRun(`ip netns add ${NAME}`) &&
  canRun(`ip link add ${NAME} type veth peer name host netns ${NAME}`);

let folder: string;
let redis: ReturnType<typeof startHost>;
let stack: Stack;
beforeAll(async () => {
  if (!isAble) return;
  folder = await mkdtemp(join(tmpdir(), 'pixdock-vanished-'));
  run(`ip addr add ${OURS}/30 dev ${NAME}`);
  run(`ip link set ${NAME} up`);
  inside(`ip addr add ${HOST}/30 dev host`);
  inside('ip link set host up');
  redis = startHost();
  stack = await startStack({ REDIS_URL: `redis://${HOST}:${PORT}` });
});
afterAll(async () => {
  if (!isAble) return;
  await stack?.stop();
  await endHost();
  // The kernel keeps a namespace, and its link, as long as it has connections whose packets are dropped.
  run(`ip link del ${NAME}`);
  run(`ip netns del ${NAME}`);
  await rm(folder, { recursive: true });
});

function startHost() {
  const options = `--port ${PORT} --bind 0.0.0.0 --protected-mode no --appendonly yes --save`.split(' ');
  const args = ['netns', 'exec', NAME, REDIS_SERVER, ...options, '', '--dir', folder];
  return killOnExit(spawn('ip', args, { stdio: 'ignore' }));
}

async function endHost(): Promise<void> {
  redis.kill('SIGKILL');
  await once(redis, 'exit');
}

/** Drops every packet, or only those of some connections. */
function drop(ports: string[] | 'all'): void {
  const list = ports === 'all' ? '' : `{ ${ports.join(', ')} }`;
  const rule = (field: string) => (ports === 'all' ? 'drop' : `tcp ${field} ${list} drop`);
  inside(
    'nft -f -',
    `flush ruleset
     table ip lost {
       chain in { type filter hook input priority 0; ${rule('sport')}; }
       chain out { type filter hook output priority 0; ${rule('dport')}; }
     }`,
  );
}

test.runIf(isAble)('refuses uploads briefly when the host of Redis vanishes and is replaced', async () => {
  let refusedMs = 0;
  const sent = await sendDuring(stack, 'vanished', 4, async (during) => {
    await untilResponses(during, 202, 6);
    const ports = [...inside('ss -Htn').matchAll(/:(\d+) *$/gm)].map(([, port = '']) => port);
    drop('all');
    const lostAt = performance.now();
    await untilResponses(during, 503);
    await sleep(REPLACED_AFTER_MS - (performance.now() - lostAt));
    await endHost();
    redis = startHost();
    drop(ports);
    await until('the API to be ready', 60, async () =>
      (await ask(stack, '/readyz')).status === 200 ? true : null,
    );
    await untilResponses(during, 202, during.filter(({ response }) => response.status === 202).length + 6);
    refusedMs = performance.now() - lostAt;
  });
  expectPrompt(sent);
  expect(refusedMs).toBeLessThan(LONGEST_503_MS);
  await expectPublished(stack, acceptedOf(sent));
});
