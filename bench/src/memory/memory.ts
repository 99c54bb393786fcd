import { setTimeout as sleep } from 'node:timers/promises';
import { residentMib } from '@pixdock/e2e/harness/process-stats';
import { descendants } from '@pixdock/shared/testing/processes';
import { type Circumstances, circumstances } from '../command/machine.js';
import { measure } from '../landing/measure.js';
import { pictureAt } from '../landing/pictures.js';
import { openStage, type StageOptions } from '../landing/stage.js';

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
