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
  options: { images: 500, seconds: 60 },
  measure: ({ images, seconds }) => measureRedisUse({ images, seconds, say: sayProgress }),
  report({ idle, image, ...where }) {
    const rows = idle.map((use) => ({ of: `idle ${use.process}, each second`, ...use }));
    return `${headOf(where)}\n\n${markdownTable(COLUMNS, [...rows, { of: 'image', ...image }])}`;
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
}

interface Options {
  images: number;
  /** For how long idle processes are watched. */
  seconds: number;
  say: (line: string) => void;
}

const HEADERS = {
  Authorization: 'Bearer key-of-the-owner-acme',
  'Content-Type': 'image/jpeg',
  Prefer: 'wait=60',
};
/** The first images make what all others share. */
const WARM_UP = 8;
/** Longer than what follows a start. */
const CALM_MS = 5000;

/** Measures what the API and a worker ask of Redis, with the intervals of production. */
export async function measureRedisUse({ images, seconds, say }: Options): Promise<RedisUse> {
  const stack = await startApiOnly({ PIXDOCK_TEST_CLOCKS: '' }, { asInProduction: true });
  const { redis } = stack;
  try {
    const watchIdle = async () => {
      await sleep(CALM_MS);
      const use = await usePerSecond(redis, () => sleep(seconds * 1000));
      // Without the one that asks.
      return { ...use, connections: redis.cli('CLIENT', 'LIST').split('\n').length - 1 };
    };
    const api = await watchIdle();
    say('measured: an idle API');
    await stack.restartWorker();
    const first = stack.worker;
    const both = await watchIdle();
    say('measured: an idle worker');
    await stack.restartWorker();
    const all = await watchIdle();
    await stack.worker.stop();
    stack.worker = first;
    say('measured: another idle worker');
    await publish(stack, WARM_UP);
    const bytesBefore = bytesOfRecords(stack);
    const busy = await usePerSecond(redis, () => publish(stack, images));
    return {
      ...circumstances(),
      idle: [
        { process: 'API', ...api },
        { process: 'worker', ...added(both, api) },
        { process: 'another worker', ...added(all, both) },
      ],
      image: {
        ...combine(busy, both, (a, b) => ((a - b) * busy.seconds) / images),
        // They were published twice.
        recordBytes: (bytesOfRecords(stack) - bytesBefore) / (2 * images),
      },
    };
  } finally {
    await stack.stop();
  }
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
