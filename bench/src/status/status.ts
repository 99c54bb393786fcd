import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds } from '@pixdock/e2e/harness/process-stats';
import { startRedis } from '@pixdock/e2e/harness/redis';
import { startApi } from '../api/start-api.js';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { inRounds } from '../landing/in-rounds.js';
import { kill, startNodeServer } from '../landing/sides/node-server.js';
import { median } from '../landing/summarize.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { drive } from './drive.js';
import { type StatusSide, sidesOf, submitImages } from './sides.js';

const COLUMNS: Columns<StatusSummary> = [
  ['side', ({ name }) => name],
  ['requests/s', (side) => side.requestsPerSecond.toFixed(0)],
  ['× bare Hono', (side) => side.rateRatio.toFixed(2)],
  ['CPU µs, server', (side) => side.serverMicros.toFixed(0)],
  ['× bare Hono', (side) => side.cpuRatio.toFixed(2)],
  ['CPU µs, Redis', (side) => side.redisMicros.toFixed(0)],
];

export const status = bench({
  options: { rounds: 5, seconds: 2, connections: 32, images: 100, 'cpu-prof': '' },
  measure: ({ 'cpu-prof': folder, ...given }) =>
    runStatus({ ...given, profileFolder: folder || null, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.sides)}`,
});

export interface StatusOptions {
  rounds: number;
  /** Seconds of each side in each round. */
  seconds: number;
  connections: number;
  warmUpSeconds?: number;
  /** Waiting images whose status is read. */
  images: number;
  profileFolder: string | null;
  say: (line: string) => void;
}

/** Medians over the rounds. */
export interface StatusSummary {
  name: string;
  requestsPerSecond: number;
  /** CPU time of the server and of Redis for each request, in µs. */
  serverMicros: number;
  redisMicros: number;
  /** Median of the ratios to bare Hono in the same round: of the rates, and of the CPU times of the servers. */
  rateRatio: number;
  cpuRatio: number;
}

export interface StatusResult extends Circumstances {
  sides: readonly StatusSummary[];
}

const WARM_UP_SECONDS = 1;

/** Reads the status of waiting images, and a bare Hono's JSON of the same size, in turn. */
export async function runStatus(options: StatusOptions): Promise<StatusResult> {
  const { seconds, connections } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const redis = await startRedis(folder);
  const api = await startApi(folder, redis, options.profileFolder);
  try {
    const images = await submitImages(api.url, options.images);
    const hono = await startNodeServer(new URL('hono.mjs', import.meta.url), {
      STATE: images[0]?.text ?? '',
    });
    try {
      const sides = sidesOf(api, hono, redis, images);
      const measureSide = (side: StatusSide, time: number) =>
        measure(side, { connections, seconds: time, status: side.status });
      for (const side of sides) await measureSide(side, options.warmUpSeconds ?? WARM_UP_SECONDS);
      const samples = await inRounds(options, sides, (side) => measureSide(side, seconds));
      return {
        ...circumstances(),
        sides: sides.map(({ name }, i) => ({ name, ...summaryOf(samples, i) })),
      };
    } finally {
      await kill(hono.child);
    }
  } finally {
    await api.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface StatusSample {
  requestsPerSecond: number;
  serverMicros: number;
  redisMicros: number;
}

async function measure(
  { port, pid, redisPid, requests }: StatusSide,
  how: Parameters<typeof drive>[2],
): Promise<StatusSample> {
  const spent = () => [cpuSeconds(pid).own, redisPid === null ? 0 : cpuSeconds(redisPid).own] as const;
  const [server, redis] = spent();
  const began = performance.now();
  const answered = await drive(port, requests, how);
  const seconds = (performance.now() - began) / 1000;
  const [serverNow, redisNow] = spent();
  return {
    requestsPerSecond: answered / seconds,
    serverMicros: ((serverNow - server) / answered) * 1e6,
    redisMicros: ((redisNow - redis) / answered) * 1e6,
  };
}

function summaryOf(rounds: readonly (readonly StatusSample[])[], i: number): Omit<StatusSummary, 'name'> {
  const of = (figure: keyof StatusSample) => median(rounds.map((round) => round[i]?.[figure] ?? Number.NaN));
  const ratio = (figure: keyof StatusSample) =>
    median(rounds.map((round) => (round[i]?.[figure] ?? Number.NaN) / (round[0]?.[figure] ?? Number.NaN)));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    serverMicros: of('serverMicros'),
    redisMicros: of('redisMicros'),
    rateRatio: ratio('requestsPerSecond'),
    cpuRatio: ratio('serverMicros'),
  };
}
