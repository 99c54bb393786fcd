import { readFileSync } from 'node:fs';
import { Worker } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestRedis } from '../testing/redis.js';
import { bullmqKeys } from './bullmq-keys.js';
import { MAX_PRIORITY } from './job-order.js';
import { queuePrefix } from './jobs.js';
import { closeQueues, openQueues } from './open-queues.js';

/*
 * The contract with BullMQ's internals, which may change in any release: jobs in every state have the keys, types and
 * members that the scripts expect.
 */
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { bullmq: version } = JSON.parse(read('package.json')).dependencies;
const adapt = (what: string) =>
  `BullMQ ${version}: ${what} Adapt lua/add-job.lua, lua/queue-depths.lua and queue/bullmq-keys.ts to it, or keep the version before.`;

const PRIORITY = 7;
const redis = await startTestRedis();
const { connection, settings } = redis;
const queues = openQueues(connection, settings.prefix);
const { images } = queues;
const keys = bullmqKeys(settings.prefix, 'images');
let worker: Worker;
beforeAll(async () => {
  const add = (jobId: string, options = {}) => images.add('process-image', {}, { jobId, ...options });
  await add('in-progress');
  const started = Promise.withResolvers<void>();
  const untilCanceled = async (_job: unknown, _token: unknown, signal?: AbortSignal) => {
    started.resolve();
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  };
  worker = new Worker('images', untilCanceled, { connection, prefix: queuePrefix(settings.prefix) });
  await started.promise;
  await add('first');
  // A paused queue has its jobs where they were.
  await images.pause();
  await add('second');
  await add('early', { priority: PRIORITY });
  await add('late', { priority: PRIORITY });
  await add('later', { delay: 3_600_000 });
});
afterAll(async () => {
  worker.cancelAllJobs();
  await worker.close();
  await closeQueues(queues);
  await redis.stop();
});

/** The compiler asks for an expectation of each key. */
const EXPECTED: Record<Exclude<keyof typeof keys, 'jobs'>, string[]> = {
  // The last one is served next.
  wait: ['list', 'second', 'first'],
  prioritized: ['zset', 'early', 'late'],
  active: ['list', 'in-progress'],
  delayed: ['zset', 'later'],
  stalledCheck: ['string'],
  priorityCounter: ['string'],
  meta: ['hash'],
  // A paused queue marks only that it has a delayed job.
  marker: ['zset', '1'],
};

async function contentOf(key: string): Promise<string[]> {
  const type = await connection.type(key);
  if (type === 'list') return [type, ...(await connection.lrange(key, 0, -1))];
  return type === 'zset' ? [type, ...(await connection.zrange(key, '0', '-1'))] : [type];
}

it.each(Object.entries(EXPECTED))('has %s as %j', async (name, expected) => {
  const key = keys[name as keyof typeof EXPECTED];
  const found = async () => (await contentOf(key)).join();
  const sentence = adapt(`the key ${key} is no longer a ${expected[0]} with the ids of the jobs.`);
  await expect.poll(found, { message: sentence }).toBe(expected.join());
});

it('orders prioritized jobs by priority × 2³² plus a counter', async () => {
  const scores = await Promise.all(['early', 'late'].map((id) => connection.zscore(keys.prioritized, id)));
  const [early = 0, late = 0] = scores.map((score) => Number(score) - PRIORITY * 2 ** 32);
  expect([early, late - early], adapt(`the scores of ${keys.prioritized} have another format.`)).toEqual([
    1, 1,
  ]);
});

it('has each field of a job that the scripts read', async () => {
  const scripts = ['add-job', 'queue-depths'].map((name) => read(`lua/${name}.lua`)).join('\n');
  const calls = scripts.matchAll(/'H(?:GET|SET)', (?:key|keyPrefix \.\. id|KEYS\[1\]), '(\w+)'/g);
  const fields = new Set([...calls].map(([, field]) => field));
  const job = await images.getJob('late');
  const expected = {
    name: 'process-image',
    priority: String(PRIORITY),
    timestamp: String(job?.timestamp),
  };
  expect([...fields].toSorted(), 'Expect the field in this test.').toEqual(Object.keys(expected));
  const stored = await connection.hgetall(`${keys.jobs}late`);
  expect(stored, adapt(`the hash ${keys.jobs}ID of a job has other fields.`)).toMatchObject(expected);
});

it('allows priorities up to the limit of the scripts', async () => {
  const add = (priority: number) => images.add('process-image', {}, { jobId: `with-${priority}`, priority });
  await add(MAX_PRIORITY);
  await expect(add(MAX_PRIORITY + 1), adapt('priorities have another limit.')).rejects.toThrow(/priority/i);
});

it('runs with exactly one version of BullMQ', () => {
  expect(version, 'Pin BullMQ exactly: the scripts depend on its internals.').toMatch(/^\d+\.\d+\.\d+$/);
});
