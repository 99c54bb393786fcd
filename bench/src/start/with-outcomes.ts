import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '@pixdock/e2e/harness/processes';
import { startRedis, type TestRedis } from '@pixdock/e2e/harness/redis';
import { openQueue } from '@pixdock/shared/queue/queue';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { openTestStaging } from '@pixdock/shared/testing/staging';
import { OWNER, settings, startApi, untilRestored } from '../api/start-api.js';
import { median } from '../landing/summarize.js';
import { openOutcomeWriter } from '../seed/outcomes.js';
import { PREFIX } from '../seed/prefix.js';
import { publishOne } from '../seed/published.js';
import { removeFolder } from '../seed/remove-folder.js';
import { openSeeder } from '../seed/seeder.js';

export interface WithOutcomesOptions {
  /** Outcomes in staging, in ascending order. */
  counts: readonly number[];
  /** Images in staging that wait for a worker. */
  waiting: number;
  /** Starts with a Redis that has lost nothing. */
  times: number;
  say: (line: string) => void;
}

/** Times in s since the start of the process, those of `kept` as medians. */
export interface WithOutcomes {
  outcomes: number;
  /** Redis has lost nothing. */
  kept: { apiReady: number; restored: number; workerReady: number };
  /** Redis is empty: `waiting` is when the waiting images have their jobs again, `restored` when all images have their records. */
  emptied: { apiReady: number; waiting: number; restored: number };
}

const SAY_EVERY = 100_000;

/** Measures the start of the API and of a worker with more and more outcomes in staging. */
export async function measureWithOutcomes(options: WithOutcomesOptions): Promise<WithOutcomes[]> {
  const { counts, waiting, times, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const redis = await startRedis(folder);
  try {
    const nextRecord = await publishOne(folder);
    const { layout } = await openTestStaging(folder);
    const writeOutcome = openOutcomeWriter(layout);
    {
      const parts = { redisUrl: redis.url, dataDir: folder, owner: OWNER };
      await using seeder = await openSeeder(parts, nextRecord, say);
      await seeder.pause();
      await seeder.addWaiting(waiting);
    }
    say('the first start, which counts the files of staging; later ones begin with that count');
    await startKept(folder, redis);
    const results: WithOutcomes[] = [];
    let written = 0;
    for (const outcomes of counts) {
      for (; written < outcomes; written++) {
        if (written % SAY_EVERY === 0) say(`${written} of ${outcomes} outcomes are written`);
        writeOutcome(nextRecord());
      }
      say(`${outcomes} outcomes: start with an empty Redis`);
      const emptied = await startEmptied(folder, redis, waiting);
      const kept: WithOutcomes['kept'][] = [];
      for (let i = 1; i <= times; i++) {
        say(`${outcomes} outcomes: start ${i} of ${times} with a Redis that has lost nothing`);
        kept.push(await startKept(folder, redis));
      }
      const of = (figure: keyof WithOutcomes['kept']) => median(kept.map((one) => one[figure]));
      results.push({
        outcomes,
        emptied,
        kept: { apiReady: of('apiReady'), restored: of('restored'), workerReady: of('workerReady') },
      });
    }
    return results;
  } finally {
    await redis.stop();
    removeFolder(folder);
  }
}

async function startEmptied(
  folder: string,
  redis: TestRedis,
  waiting: number,
): Promise<WithOutcomes['emptied']> {
  redis.cli('flushall');
  const seconds = stopwatch();
  const api = await startApi(folder, redis, null);
  const apiReady = seconds();
  await untilQueued(redis, waiting);
  const queued = seconds();
  await untilRestored(api);
  const restored = seconds();
  await api.stop();
  return { apiReady, waiting: queued, restored };
}

async function startKept(folder: string, redis: TestRedis): Promise<WithOutcomes['kept']> {
  const seconds = stopwatch();
  const api = await startApi(folder, redis, null);
  const apiReady = seconds();
  await untilRestored(api);
  const restored = seconds();
  const secondsOfWorker = stopwatch();
  const worker = await startService('worker', await settings(folder, redis), { savesMemory: true });
  const workerReady = secondsOfWorker();
  await Promise.all([api.stop(), worker.stop()]);
  return { apiReady, restored, workerReady };
}

async function untilQueued({ url }: TestRedis, count: number): Promise<void> {
  const connection = connectRedis({ url, prefix: PREFIX }, 'patient', () => {});
  const queue = openQueue(connection, PREFIX);
  while ((await queue.waiting()) < count);
  await queue.close();
  connection.disconnect();
}

function stopwatch(): () => number {
  const began = performance.now();
  return () => (performance.now() - began) / 1000;
}
