import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { openRecords } from '@pixdock/shared/records/records';
import { cancel } from '@pixdock/shared/records/transitions';
import { connectRedis } from '@pixdock/shared/redis';
import { until, upload } from '../harness/client.js';
import { requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { residentMib } from '../scale/process-stats.js';
import { openSockets } from './sockets.js';

/*
 * Measures how the API copes with many requests that wait for one image:
 *   pnpm --silent build && node e2e/src/run.mjs waits [requests]
 */
const USAGE = 'node e2e/src/run.mjs waits [requests, 5000 by default]';
const CHANGES = 20;
const CHANGE_EVERY_MS = 200;
const STEADY_MS = 6000;
const DAY_MS = 86_400_000;
const PICTURE = Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), Buffer.alloc(2000)]);

const requests = Number(process.argv[2] ?? 5000);
if (!Number.isSafeInteger(requests) || requests < 1) throw new Error(USAGE);
const stack = await startApiOnly({ LOG_LEVEL: 'error' });
try {
  await measure(stack);
} finally {
  await stack.stop();
}

async function measure({ api, redis, env }: Stack): Promise<void> {
  const { pid, url } = api;
  const { body: image } = await upload(stack, PICTURE);
  const connection = connectRedis({ url: redis.url, prefix: env.REDIS_PREFIX ?? '{pixdock}' }, 'patient', () => {});
  const records = openRecords(connection, env.REDIS_PREFIX ?? '{pixdock}');
  const probe = new Worker(new URL('probe.mjs', import.meta.url), { workerData: url });
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, residentMib(pid))), 50);
  const phase = async (name: string, work: () => Promise<void>) => {
    const began = performance.now();
    await work();
    const seconds = (performance.now() - began) / 1000;
    console.log(`${name}: ${seconds.toFixed(1)} s, ${await livez(probe)}, RSS ${residentMib(pid).toFixed(0)} MiB`);
  };

  await phase('idle', () => sleep(2000));
  const sockets = await openSockets(url, requests);
  await phase(`${requests} connections opened`, () => sleep(1000));
  const before = residentMib(pid);
  await phase('requests sent', async () => {
    sockets.send(requestHead('GET', `/v1/images/${image.id}`, { Prefer: 'wait=60' }));
    await sleep(STEADY_MS);
  });
  await phase('waiting', () => sleep(STEADY_MS));
  console.log(`a wait costs ${(((residentMib(pid) - before) * 1024) / requests).toFixed(1)} KiB`);
  await phase(`${CHANGES} changes`, async () => {
    for (let i = 0; i < CHANGES; i++) {
      await records.move(image.id, (current) => current);
      await sleep(CHANGE_EVERY_MS);
    }
  });
  await phase('the final change', async () => {
    await records.move(image.id, (current) => cancel(current, DAY_MS));
    await until('all responses', 60, async () => (sockets.answered() >= requests ? true : null));
  });
  console.log(`responses ${JSON.stringify(sockets.statuses())}, peak RSS ${peak.toFixed(0)} MiB`);
  clearInterval(sampling);
  sockets.destroy();
  await probe.terminate();
  connection.disconnect();
}

/** The response times of /livez since the last call. */
async function livez(probe: Worker): Promise<string> {
  const received = new Promise<number[]>((resolve) => probe.once('message', resolve));
  probe.postMessage('next');
  const times = (await received).toSorted((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return `livez p50 ${at(0.5).toFixed(0)} p99 ${at(0.99).toFixed(0)} worst ${at(1).toFixed(0)} ms`;
}
