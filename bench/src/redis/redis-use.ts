import { OTHER } from '@pixdock/e2e/harness/client';
import { type Stack, startApiOnly } from '@pixdock/e2e/harness/stack';
import { sleep } from '@pixdock/shared/runtime/clock';
import sharp from 'sharp';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { send } from '../landing/send.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { combine, type Use, usePerSecond } from './use.js';

interface Row {
  of: string;
  requests: number;
  commands: number;
  connections?: number;
  cpuMicros: number;
  recordBytes?: number;
}

const orNone = (value: number | undefined) => value?.toFixed(0) ?? '–';
const COLUMNS: Columns<Row> = [
  ['', ({ of }) => of],
  ['requests', ({ requests }) => requests.toFixed(1)],
  ['commands', ({ commands }) => commands.toFixed(1)],
  ['connections', ({ connections }) => orNone(connections)],
  ['CPU µs', ({ cpuMicros }) => cpuMicros.toFixed(0)],
  ['bytes', ({ recordBytes }) => orNone(recordBytes)],
];

export const redisUse = bench({
  options: { images: 500, seconds: 60, workers: 20, streams: 100 },
  measure: (options) => measureRedisUse({ ...options, say: sayProgress }),
  report({ idle, image, besideOthers, ...where }) {
    const rows = [
      ...idle.map((use) => ({ of: `idle ${use.process}, each second`, ...use })),
      { of: 'image', ...image },
      {
        of: `image beside ${besideOthers.workers} other workers and ${besideOthers.streams} streams`,
        ...besideOthers,
      },
    ];
    return `${headOf(where)}\n\n${markdownTable(COLUMNS, rows)}`;
  },
});

interface IdleUse extends Use {
  /** The first worker also does what is done once for all, such as the sweep. */
  process: 'API' | 'worker' | 'another worker';
  connections: number;
}

export interface RedisUse extends Circumstances {
  /** Of processes without work, per second. The CPU time of the API includes what Redis takes without any client. */
  idle: readonly IdleUse[];
  /**
   * Of one image, from its upload until it is published and the client that waits for it has the response, beside what the
   * idle processes do. `recordBytes`: memory of the final record, with its entries in indexes.
   */
  image: Use & { recordBytes: number };
  /** The same beside workers that have nothing to do, and event streams of all owners, whose idle use is not counted. */
  besideOthers: Use & { workers: number; streams: number };
}

interface Options {
  images: number;
  /** For how long idle processes are watched. */
  seconds: number;
  workers: number;
  streams: number;
  say: (line: string) => void;
}

const ACME = { Authorization: 'Bearer key-of-the-owner-acme' };
const OWNERS = [ACME, OTHER];
const HEADERS = { ...ACME, 'Content-Type': 'image/jpeg', Prefer: 'wait=60' };
/** The first images of a worker make what all others share. */
const WARM_UP = 8;
/** Longer than what follows a start. */
const CALM_MS = 5000;

/** Measures what the API and a worker ask of Redis, with the intervals of production. */
export async function measureRedisUse({
  images,
  seconds,
  workers,
  streams,
  say,
}: Options): Promise<RedisUse> {
  await using cleanup = new AsyncDisposableStack();
  const stack = await startApiOnly({ PIXDOCK_TEST_CLOCKS: '' }, { asInProduction: true });
  cleanup.defer(() => stack.stop());
  const { redis } = stack;
  const watchIdle = async () => {
    await sleep(CALM_MS);
    const use = await usePerSecond(redis, () => sleep(seconds * 1000));
    // Without the one that asks.
    return { ...use, connections: redis.cli('CLIENT', 'LIST').split('\n').length - 1 };
  };
  const publishImages = async (idle: Use) => {
    const busy = await usePerSecond(redis, () => publish(stack, images));
    return combine(busy, idle, (a, b) => ((a - b) * busy.seconds) / images);
  };

  const api = await watchIdle();
  say('measured: an idle API');
  await stack.restartWorker();
  const both = await watchIdle();
  say('measured: an idle worker');
  await publish(stack, WARM_UP);
  const bytesBefore = bytesOfRecords(stack);
  const image = await publishImages(both);
  // They were published twice.
  const recordBytes = (bytesOfRecords(stack) - bytesBefore) / (2 * images);
  say('measured: an image');

  const startOther = async () => {
    const { worker } = stack;
    cleanup.defer(() => worker.stop());
    await stack.restartWorker();
  };
  await startOther();
  const all = await watchIdle();
  say('measured: another idle worker');
  for (let n = 1; n < workers; n++) await startOther();
  const ending = new AbortController();
  cleanup.defer(() => ending.abort());
  for (let n = 0; n < streams; n++) await watchEvents(stack, OWNERS[n % OWNERS.length], ending.signal);
  await publish(stack, WARM_UP * workers);
  const crowd = await watchIdle();
  const besideOthers = { ...(await publishImages(crowd)), workers, streams };
  say('measured: an image beside other workers and streams');
  return {
    ...circumstances(),
    idle: [
      { process: 'API', ...api },
      { process: 'worker', ...added(both, api) },
      { process: 'another worker', ...added(all, both) },
    ],
    image: { ...image, recordBytes },
    besideOthers,
  };
}

async function watchEvents(
  { api }: Stack,
  headers: Record<string, string> = {},
  signal: AbortSignal,
): Promise<void> {
  const { status, body } = await fetch(`${api.url}/v1/events`, { headers, signal });
  if (status !== 200) throw new Error(`a stream got status ${status}`);
  void body?.pipeTo(new WritableStream(), { signal }).catch(() => {});
}

/** The use of one process: the use with it less the use without it. */
const added = (after: Use & { connections: number }, before: Use & { connections: number }) => ({
  ...combine(after, before, (a, b) => a - b),
  connections: after.connections - before.connections,
});

/** Uploads pictures that all differ, each once the one before is published: an image that a busy machine delays changes more often. */
async function publish({ api }: Stack, images: number): Promise<void> {
  for (let n = 0; n < images; n++) {
    const body = await noise();
    const response = await send(`${api.url}/v1/images`, { method: 'POST', headers: HEADERS, body });
    const { status } = JSON.parse(response.toString('utf8'));
    if (status !== 'published') throw new Error(`an image is ${status} after a minute`);
  }
}

function noise(): Promise<Buffer> {
  const size = { width: 64, height: 48, channels: 3, background: '' } as const;
  return sharp({ create: { ...size, noise: { type: 'gaussian', mean: 128, sigma: 30 } } })
    .jpeg()
    .toBuffer();
}

/** The memory of the keys of images, which have no other entries than those of the queues and of stored responses. */
function bytesOfRecords({ redis }: Stack): number {
  const keys = ['image*', 'expiring', 'record-bytes'].flatMap((name) =>
    redis.cli('KEYS', `{pixdock}:${name}`).split('\n'),
  );
  return keys.reduce((bytes, key) => bytes + Number(redis.cli('MEMORY', 'USAGE', key, 'SAMPLES', '0')), 0);
}
