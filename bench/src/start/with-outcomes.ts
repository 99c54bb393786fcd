import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds } from '@pixdock/e2e/harness/process-stats';
import { startService } from '@pixdock/e2e/harness/processes';
import { startRedis, type TestRedis } from '@pixdock/e2e/harness/redis';
import { openStagingBucket } from '@pixdock/object-store/staging-bucket';
import { startOssDev } from '@pixdock/oss-dev/start';
import { openQueue } from '@pixdock/shared/queue/queue';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { openStagingMove } from '@pixdock/shared/state/move-staging/move-staging';
import { openTestStaging } from '@pixdock/shared/testing/staging';
import { OSS, OWNER, settings, startApi, untilRestored } from '../api/start-api.js';
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
  /** `folder` or `bucket`. */
  staging: string;
  say: (line: string) => void;
}

/** Times in s since the start of the process, those of `kept` as medians. */
export interface WithOutcomes {
  outcomes: number;
  /** Redis has lost nothing. */
  kept: { apiReady: number; restored: number; workerReady: number };
  /**
   * Redis is empty: `waiting` is when the waiting images have their jobs again, `restored` when all images have their records.
   * `cpuSeconds` is the CPU time of the API until then.
   */
  emptied: { apiReady: number; waiting: number; restored: number; cpuSeconds: number };
}

const SAY_EVERY = 100_000;

/** Measures the start of the API and of a worker with more and more outcomes in staging. */
export async function measureWithOutcomes(options: WithOutcomesOptions): Promise<WithOutcomes[]> {
  const { counts, waiting, times, staging, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const redis = await startRedis(folder);
  const bucket = staging === 'bucket' ? await startBucket(folder) : null;
  const parts = { folder, redis, changes: bucket?.settings ?? {} };
  try {
    const nextRecord = await publishOne(folder);
    const { layout } = await openTestStaging(folder);
    const writeOutcome = openOutcomeWriter(layout);
    {
      const seeded = { redisUrl: redis.url, dataDir: folder, owner: OWNER };
      await using seeder = await openSeeder(seeded, nextRecord, say);
      await seeder.pause();
      await seeder.addWaiting(waiting);
    }
    await bucket?.move();
    say('the first start, which counts the files of staging; later ones begin with that count');
    await startKept(parts);
    const results: WithOutcomes[] = [];
    let written = 0;
    for (const outcomes of counts) {
      for (; written < outcomes; written++) {
        if (written % SAY_EVERY === 0) say(`${written} of ${outcomes} outcomes are written`);
        writeOutcome(nextRecord());
      }
      if (bucket !== null) say('the outcomes are moved to the bucket');
      await bucket?.move();
      say(`${outcomes} outcomes: start with an empty Redis`);
      const emptied = await startEmptied(parts, waiting);
      const kept: WithOutcomes['kept'][] = [];
      for (let i = 1; i <= times; i++) {
        say(`${outcomes} outcomes: start ${i} of ${times} with a Redis that has lost nothing`);
        kept.push(await startKept(parts));
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
    await bucket?.stop();
    removeFolder(folder);
  }
}

interface Parts {
  folder: string;
  redis: TestRedis;
  /** Settings of a staging in a bucket. */
  changes: Record<string, string>;
}

/** A local OSS with an empty bucket for staging, to which `move` copies the folder. */
async function startBucket(folder: string) {
  const name = 'staging';
  const oss = await startOssDev({
    ...OSS,
    dataDir: join(folder, 'oss'),
    buckets: ['pictures'],
    privateBuckets: [name],
  });
  const { region, ...key } = OSS;
  const opened = openStagingBucket({
    endpoint: oss.endpoint,
    region,
    addressing: 'path',
    bucket: name,
    prefix: '',
    credentials: { from: 'static', ...key, securityToken: null },
  });
  const moving = { ...opened, check: async () => {} };
  return {
    settings: {
      ALIYUN_OSS_ENDPOINT: oss.endpoint,
      STAGING_URL: `oss://${name}`,
      DATA_DIR: join(folder, 'host'),
    },
    async move(): Promise<void> {
      const move = openStagingMove('bucket', folder, moving);
      await move.copy();
      await move.copyId();
    },
    async stop(): Promise<void> {
      opened.stop();
      await oss.stop();
    },
  };
}

async function startEmptied(
  { folder, redis, changes }: Parts,
  waiting: number,
): Promise<WithOutcomes['emptied']> {
  redis.cli('flushall');
  const seconds = stopwatch();
  const api = await startApi(folder, redis, null, changes);
  const apiReady = seconds();
  await untilQueued(redis, waiting);
  const queued = seconds();
  await untilRestored(api);
  const restored = seconds();
  const { own } = cpuSeconds(api.pid);
  await api.stop();
  return { apiReady, waiting: queued, restored, cpuSeconds: own };
}

async function startKept({ folder, redis, changes }: Parts): Promise<WithOutcomes['kept']> {
  const seconds = stopwatch();
  const api = await startApi(folder, redis, null, changes);
  const apiReady = seconds();
  await untilRestored(api);
  const restored = seconds();
  const secondsOfWorker = stopwatch();
  const env = { ...(await settings(folder, redis)), ...changes };
  const worker = await startService('worker', env, { savesMemory: true });
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
