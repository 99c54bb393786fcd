import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { openRecords } from '@pixdock/shared/state/images/records';
import { cancel } from '@pixdock/shared/state/images/transitions';
import { until, upload } from '../harness/client.js';
import { cpuSeconds, residentMib } from '../harness/process-stats.js';
import { requestHead } from '../harness/raw-http.js';
import { say } from '../harness/say.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { startProbe } from './probe.js';
import { openSockets } from './sockets.js';

/*
 * Measures the API with many connections, and with many requests that wait for one image or for many:
 *   pnpm --silent build && node e2e/src/run.mjs waits [requests]
 * Times are p50/p99/worst of /livez and of a list of another owner.
 */
const USAGE = 'node e2e/src/run.mjs waits [requests, 5000 by default]';
const CHANGES = 20;
const CHANGE_EVERY_MS = 200;
const STEADY_MS = 6000;
const POSTS_MS = 20_000;
const DAY_MS = 86_400_000;
const PREFIX = '{pixdock}';
const PICTURE = Buffer.concat([
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  Buffer.alloc(2000),
]);

const requests = Number(process.argv[2] ?? 5000);
if (!Number.isSafeInteger(requests) || requests < 1) throw new Error(USAGE);
const stack = await startApiOnly({ LOG_LEVEL: 'error' });
try {
  await measure(stack);
} finally {
  await stack.stop();
}

async function measure({ api, redis }: Stack): Promise<void> {
  const { pid, url } = api;
  const { body: image } = await upload(stack, PICTURE);
  const connection = connectRedis({ url: redis.url, prefix: PREFIX }, 'patient', () => {});
  const records = openRecords(connection, PREFIX);
  const probe = startProbe(url);
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, residentMib(pid))), 50);
  const phase = async (name: string, work: () => Promise<void>) => {
    const [began, cpu] = [performance.now(), cpuSeconds(pid).own];
    await work();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const busy = (cpuSeconds(pid).own - cpu).toFixed(1);
    const rss = residentMib(pid).toFixed(0);
    say(`${name}: ${seconds} s (CPU ${busy} s), ${await probe.summary()}, RSS ${rss} MiB`);
  };

  await phase('idle', () => sleep(2000));
  await phase(`${requests} half-open requests`, async () => {
    const halfOpen = await openSockets(url, requests);
    halfOpen.send('GET /livez HTTP/1.1\r\nHost: ');
    await sleep(2000);
    halfOpen.destroy();
  });
  const sockets = await openSockets(url, requests);
  await phase(`${requests} idle connections`, () => sleep(2000));
  const before = residentMib(pid);
  await phase('GETs sent', async () => {
    sockets.send(requestHead('GET', `/v1/images/${image.id}`, { Prefer: 'wait=60' }));
    await sleep(STEADY_MS);
  });
  await phase('waiting', () => sleep(STEADY_MS));
  say(`a wait costs ${(((residentMib(pid) - before) * 1024) / requests).toFixed(1)} KiB`);
  await phase(`${CHANGES} changes`, async () => {
    for (let i = 0; i < CHANGES; i++) {
      await records.transition(image.id, (current) => current);
      await sleep(CHANGE_EVERY_MS);
    }
  });
  await phase('the final change', async () => {
    await records.transition(image.id, (current) => cancel(current, DAY_MS));
    await until('all responses', 60, async () => (sockets.responses() >= requests ? true : null));
  });
  say(`responses ${JSON.stringify(sockets.statuses())}`);
  await phase('POSTs sent, each waiting for its own image', async () => {
    const body = JSON.stringify({ url: 'http://pictures.example/1.jpg' });
    const headers = {
      Prefer: 'wait=60',
      'Content-Type': 'application/json',
      'Content-Length': String(body.length),
    };
    sockets.send(requestHead('POST', '/v1/images', headers) + body);
    await sleep(POSTS_MS);
  });
  await phase('all clients gone', async () => {
    sockets.destroy();
    await sleep(2000);
  });
  say(`responses ${JSON.stringify(sockets.statuses())}, peak RSS ${peak.toFixed(0)} MiB`);
  clearInterval(sampling);
  probe.stop();
  connection.disconnect();
}
