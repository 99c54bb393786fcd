import { setTimeout as sleep } from 'node:timers/promises';
import { residentMib } from '@pixdock/e2e/harness/process-stats';
import { descendants } from '@pixdock/shared/testing/processes';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { measure } from '../landing/measure.js';
import { pictureAt } from '../landing/pictures.js';
import { openStage, type StageOptions } from '../landing/stage.js';
import { median } from '../landing/summarize.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';

const FEW = 50;
const MANY = 500;
const EVERY = 250;
/** Memory after 500 pictures, as a multiple of that after 50; and of the last third of all, as a multiple of the second third. */
const MAX_RATIO = 1.15;
const MAX_GROWTH = 1.05;

const COLUMNS: Columns<MemoryLevel> = [
  ['pictures', ({ pictures }) => String(pictures)],
  ['worker, MiB', ({ worker }) => worker.toFixed(0)],
  ['decoders, MiB', ({ decoders }) => decoders.toFixed(0)],
  ['API, MiB', ({ api }) => api.toFixed(0)],
  ['Redis, MiB', ({ redis }) => redis.toFixed(0)],
];

export const memory = bench({
  options: { pictures: 5000, 'in-flight': 8 },
  measure: ({ pictures, 'in-flight': inFlight }) =>
    runMemory({ after: [FEW, ...multiples(EVERY, pictures)], inFlight, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.levels)}`,
  judge({ levels }) {
    const checks = openChecks(sayProgress);
    const [few, many] = [FEW, MANY].map((count) => totalOf(levels.find((level) => level.pictures === count)));
    const ratio = (many ?? Number.NaN) / (few ?? Number.NaN);
    checks.add(
      `worker and decoders after ${MANY} pictures ≤ ${MAX_RATIO} × those after ${FEW}`,
      ratio <= MAX_RATIO,
      `${ratio.toFixed(2)} (${many?.toFixed(0)} of ${few?.toFixed(0)} MiB)`,
    );
    const third = Math.floor(levels.length / 3);
    const [middle, last] = [levels.slice(third, 2 * third), levels.slice(2 * third)].map((some) =>
      median(some.map(totalOf)),
    );
    const growth = (last ?? Number.NaN) / (middle ?? Number.NaN);
    checks.add(`no growth until the end: ≤ ${MAX_GROWTH} ×`, growth <= MAX_GROWTH, growth.toFixed(2));
    return checks.all;
  },
});

function totalOf(level: MemoryLevel | undefined): number {
  return level === undefined ? Number.NaN : level.worker + level.decoders;
}

function multiples(step: number, most: number): number[] {
  return Array.from({ length: Math.floor(most / step) }, (_, i) => (i + 1) * step);
}

export interface MemoryOptions extends StageOptions {
  /** Pictures after which the memory is read, in ascending order. */
  after: readonly number[];
  inFlight: number;
  say: (line: string) => void;
}

/** Resident memory in MiB, while nothing is in progress. */
export interface MemoryLevel {
  pictures: number;
  api: number;
  worker: number;
  decoders: number;
  redis: number;
}

export interface MemoryResult extends Circumstances {
  levels: readonly MemoryLevel[];
}

/** A service finishes its jobs, and the kernel takes back what it freed. */
const SETTLE_MS = 2000;

/** Lands pictures, and reads the memory of the services from time to time. */
export async function runMemory(options: MemoryOptions): Promise<MemoryResult> {
  const { after, inFlight, say } = options;
  await using stage = await openStage({ name: 'pixdock', isForm: false, profile: 'default' }, options);
  const { sink, side, pictures } = stage;
  const {
    apis: [api],
    workers: [worker],
    redis,
  } = stage.installation;
  const levels: MemoryLevel[] = [];
  let landed = 0;
  for (const count of after) {
    const next = Array.from({ length: count - landed }, (_, i) => pictureAt(pictures, landed + i));
    await measure(side, sink, next, inFlight);
    landed = count;
    await sleep(SETTLE_MS);
    const decoders = descendants(worker.pid).reduce((sum, pid) => sum + residentMib(pid), 0);
    const [ofApi, ofWorker, ofRedis] = [api.pid, worker.pid, redis.pid()].map(residentMib);
    const level = { api: ofApi ?? 0, worker: ofWorker ?? 0, decoders, redis: ofRedis ?? 0 };
    levels.push({ pictures: count, ...level });
    say(`${count} pictures: worker ${level.worker.toFixed(0)} MiB, decoders ${decoders.toFixed(0)} MiB`);
  }
  return { ...circumstances(), levels };
}
