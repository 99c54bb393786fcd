import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMib } from '@pixdock/e2e/harness/process-stats';
import { descendants } from '@pixdock/shared/testing/processes';
import { type Circumstances, circumstances } from '../command/machine.js';
import { measure } from '../landing/measure.js';
import { makePictures, pictureAt } from '../landing/pictures.js';
import { pixdockSide, startPixdock } from '../landing/sides/pixdock.js';
import { startSink } from '../landing/sink.js';

export interface MemoryOptions {
  /** Pictures after which the memory is read, in ascending order. */
  after: readonly number[];
  inFlight: number;
  lanes?: number;
  scale?: number;
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

/** Different pictures: JPEG, PNG and WebP, from 0.3 to 24 MP. */
const DIFFERENT = 20;
/** A service finishes its jobs, and the kernel takes back what it freed. */
const SETTLE_MS = 2000;

/** Lands pictures, and reads the memory of the services from time to time. */
export async function runMemory(options: MemoryOptions): Promise<MemoryResult> {
  const { after, inFlight, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const sink = await startSink();
  const lanes = options.lanes ?? availableParallelism();
  const installation = await startPixdock({ folder, sink, lanes });
  const { api, worker, redis } = installation;
  const side = pixdockSide({ name: 'pixdock', isForm: false, profile: 'default' }, installation, true);
  try {
    const pictures = await makePictures(folder, DIFFERENT, options.scale ?? 1);
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
  } finally {
    await side.stop();
    await sink.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
