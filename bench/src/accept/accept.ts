import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { residentMib } from '@pixdock/e2e/harness/process-stats';
import { startRedis } from '@pixdock/e2e/harness/redis';
import { startApi } from '../api/start-api.js';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { inRounds } from '../landing/in-rounds.js';
import { makePictures, type Picture } from '../landing/pictures.js';
import { kill, startNodeServer } from '../landing/sides/node-server.js';
import { median, quantile } from '../landing/summarize.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { type AcceptSample, type AcceptSide, measure, sidesOf, uploadAll } from './sides.js';

const COLUMNS: Columns<AcceptSummary> = [
  ['side', ({ name }) => name],
  ['CPU ms, server', (side) => side.serverMs.toFixed(1)],
  ['× raw', (side) => side.ratio.toFixed(2)],
  ['CPU ms, Redis', (side) => side.redisMs.toFixed(1)],
  ['accept p50 / p99, ms', ({ p50Ms, p99Ms }) => `${p50Ms.toFixed(0)} / ${p99Ms.toFixed(0)}`],
];

export const accept = bench({
  options: { rounds: 5, pictures: 40, 'in-flight': 8, 'at-once': 50, 'cpu-prof': '' },
  measure: ({ rounds, pictures, 'in-flight': inFlight, 'at-once': atOnce, 'cpu-prof': folder }) =>
    runAccept({ rounds, pictures, inFlight, atOnce, profileFolder: folder || null, say: sayProgress }),
  report(result) {
    const { sides, memory } = result;
    return [
      headOf(result),
      '',
      markdownTable(COLUMNS, sides),
      '',
      `${memory.atOnce} uploads of 12 MP at once: ${(memory.peakMib - memory.idleMib).toFixed(0)} MiB above ${memory.idleMib.toFixed(0)} MiB`,
    ].join('\n');
  },
});

export interface AcceptOptions {
  rounds: number;
  pictures: number;
  inFlight: number;
  /** Uploads of 12 MP at once, whose memory is measured. */
  atOnce: number;
  scale?: number;
  profileFolder: string | null;
  say: (line: string) => void;
}

/** Medians over the rounds. */
interface AcceptSummary {
  name: string;
  /** CPU time of the server and of Redis for each upload. */
  serverMs: number;
  redisMs: number;
  /** Median of the ratios to the raw bodies in the same round. */
  ratio: number;
  p50Ms: number;
  p99Ms: number;
}

interface Memory {
  /** Right after the start. */
  idleMib: number;
  peakMib: number;
  atOnce: number;
}

export interface AcceptResult extends Circumstances {
  sides: readonly AcceptSummary[];
  memory: Memory;
}

const WARM_UP = 8;
const SAMPLE_MS = 20;

/** Uploads pictures to an API without a worker, and to a bare Hono that writes them to files. */
export async function runAccept(options: AcceptOptions): Promise<AcceptResult> {
  const { inFlight } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const files = join(folder, 'files');
  await mkdir(files);
  const redis = await startRedis(folder);
  const api = await startApi(folder, redis, options.profileFolder);
  const idleMib = residentMib(api.pid);
  const hono = await startNodeServer(new URL('hono.mjs', import.meta.url), { FOLDER: files });
  try {
    const pictures = await makePictures(folder, options.pictures, options.scale ?? 1);
    const sides = sidesOf(api, redis, { port: hono.port, pid: hono.child.pid ?? 0 });
    for (const side of sides) await measure(side, pictures.slice(0, WARM_UP), inFlight);
    const samples = await inRounds(options, sides, (side) => measure(side, pictures, inFlight));
    const [raw] = sides;
    if (raw === undefined) throw new TypeError('there are sides');
    return {
      ...circumstances(),
      sides: sides.map(({ name }, i) => ({ name, ...summaryOf(samples, i) })),
      memory: { idleMib, ...(await measureMemory(raw, pictures[0], options.atOnce)) },
    };
  } finally {
    await kill(hono.child);
    await api.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measureMemory(
  { pid, upload }: AcceptSide,
  picture: Picture | undefined,
  atOnce: number,
): Promise<Omit<Memory, 'idleMib'>> {
  if (picture === undefined) throw new TypeError('there are pictures');
  let peakMib = residentMib(pid);
  const timer = setInterval(() => {
    peakMib = Math.max(peakMib, residentMib(pid));
  }, SAMPLE_MS);
  await uploadAll(upload, Array<Picture>(atOnce).fill(picture), atOnce);
  clearInterval(timer);
  return { peakMib, atOnce };
}

function summaryOf(rounds: readonly (readonly AcceptSample[])[], i: number): Omit<AcceptSummary, 'name'> {
  const own = rounds.flatMap((round) => round[i] ?? []);
  const first = rounds.flatMap((round) => round[0] ?? []);
  const accepted = own.flatMap(({ acceptMs }) => acceptMs);
  return {
    serverMs: median(own.map(({ serverMs }) => serverMs)),
    redisMs: median(own.map(({ redisMs }) => redisMs)),
    ratio: median(own.map(({ serverMs }, round) => serverMs / (first[round]?.serverMs ?? Number.NaN))),
    p50Ms: quantile(accepted, 0.5) ?? Number.NaN,
    p99Ms: quantile(accepted, 0.99) ?? Number.NaN,
  };
}
