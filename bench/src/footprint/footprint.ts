import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@pixdock/e2e/harness/client';
import { makeShards, stagingUse } from '@pixdock/e2e/harness/disk-use';
import { photo } from '@pixdock/e2e/harness/pictures';
import { type Stack, startApiOnly } from '@pixdock/e2e/harness/stack';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { stagingAt } from '@pixdock/shared/state/folder-staging/open-staging';
import { BATCH_BYTES } from '@pixdock/shared/state/record-keys';
import { startSourceServer } from '@pixdock/shared/testing/source-server';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { type Call, type Kind, kindsOf } from './kinds.js';

const COLUMNS: Columns<Footprint> = [
  ['each', ({ kind }) => kind],
  ['', ({ stage }) => stage],
  ['Redis, bytes', ({ redis }) => redis.toFixed(0)],
  ['counted', ({ countedRedis }) => countedRedis.toFixed(0)],
  ['staging, bytes', ({ staging }) => staging.toFixed(0)],
  ['counted', ({ countedStaging }) => countedStaging.toFixed(0)],
  ['inodes', ({ inodes }) => inodes.toFixed(2)],
];
/** Of staging, counted and measured. */
const MAX_DIFFERENCE = 0.05;

export const footprint = bench({
  options: { images: 500 },
  measure: ({ images }) => runFootprint({ images, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.footprints)}`,
  judge({ footprints }) {
    const checks = openChecks(sayProgress);
    for (const { kind, stage, staging, countedStaging } of footprints) {
      const ratio = countedStaging / staging;
      checks.add(
        `${stage}, ${kind}: staging is counted within ${MAX_DIFFERENCE * 100} %`,
        Math.abs(ratio - 1) <= MAX_DIFFERENCE,
        `${ratio.toFixed(3)} × ${staging.toFixed(0)}`,
      );
    }
    return checks.all;
  },
});

/** Bytes, and files and folders. */
interface Level {
  redis: number;
  /** As the limit `redisBytes` counts it. */
  countedRedis: number;
  /** Of the disk. */
  staging: number;
  /** As the limit `stagingShare` counts it. */
  countedStaging: number;
  inodes: number;
}

/** What one image, or one upload that is not finished, takes. */
export interface Footprint extends Level {
  kind: string;
  stage: 'waiting' | 'final' | 'deleted';
}

export interface FootprintResult extends Circumstances {
  footprints: readonly Footprint[];
}

interface Options {
  images: number;
  /** Names of kinds; empty: all. */
  only?: readonly string[];
  say: (line: string) => void;
}

const OWNER = 'acme';
const AUTHORIZATION = { Authorization: 'Bearer key-of-the-owner-acme' };
const WARM_UP = 10;
const IN_FLIGHT = 8;
const WITHIN_SECONDS = 300;

/** Submits images in each way, and measures them while they wait, once they are final, and once they are deleted. */
export async function runFootprint({ images, only = [], say }: Options): Promise<FootprintResult> {
  const bytes = await photo(64, 48);
  const sources = await startSourceServer({ images: { small: { bytes, type: 'image/jpeg' } } });
  const stack = await startApiOnly(
    { SOURCE_ALLOW: sources.host },
    { asInProduction: true, prepare: makeShards },
  );
  try {
    const footprints: Footprint[] = [];
    const kinds = kindsOf(bytes, `${sources.url}/image/small`);
    const chosen = kinds.filter(({ name }) => only.length === 0 || only.includes(name));
    // The first images also make the folders that all others share.
    for (const kind of only.length > 0 ? [] : kinds.slice(0, 1)) await measure(stack, kind, WARM_UP);
    for (const kind of chosen) {
      footprints.push(...(await measure(stack, kind, images)));
      say(`measured: ${kind.name}`);
    }
    return { ...circumstances(), footprints };
  } finally {
    await stack.stop();
    await sources.stop();
  }
}

async function measure(
  stack: Stack,
  { name, perRequest = 1, request }: Kind,
  images: number,
): Promise<Footprint[]> {
  const requests = Math.max(1, Math.round(images / perRequest));
  const before = await settledLevel(stack);
  const paths = await each(requests, (n) => send(stack, request(n)));
  const ofOne = async (stage: Footprint['stage']): Promise<Footprint> => {
    const after = await settledLevel(stack);
    const share = (key: keyof Level) => (after[key] - before[key]) / (requests * perRequest);
    return {
      kind: name,
      stage,
      redis: share('redis'),
      countedRedis: share('countedRedis'),
      staging: share('staging'),
      countedStaging: share('countedStaging'),
      inodes: share('inodes'),
    };
  };
  const waiting = await ofOne('waiting');
  await stack.restartWorker();
  await untilIdle(stack);
  const final = await ofOne('final');
  await each(requests, (n) => send(stack, { path: paths[n] ?? '', method: 'DELETE' }));
  await untilIdle(stack);
  const deleted = await ofOne('deleted');
  await stack.worker.stop();
  // The outcomes of another kind would make the sample of the next count less exact.
  removeOutcomes(stack.dataDir);
  return [waiting, final, deleted];
}

function removeOutcomes(dataDir: string): void {
  const { outcomes } = stagingLayout(dataDir);
  for (const path of readdirSync(outcomes, { recursive: true, encoding: 'utf8' }))
    if (path.endsWith('.json')) rmSync(join(outcomes, path));
}

async function each<T>(count: number, run: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const runNext = async () => {
    while (next < count) {
      const n = next++;
      results[n] = await run(n);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, runNext));
  return results;
}

/** @returns the path of the image or the batch that was created */
async function send({ api }: Stack, { path, method = 'POST', body, headers }: Call): Promise<string> {
  const response = await fetch(new URL(path, api.url), {
    method,
    ...(body === undefined ? {} : { body }),
    headers: { ...AUTHORIZATION, 'Tus-Resumable': '1.0.0', ...headers },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return (response.headers.get('Location') ?? '').replace('/uploads/upl_', '/images/img_');
}

const untilIdle = (stack: Stack): Promise<true> =>
  until('all images to be final', WITHIN_SECONDS, async () => {
    const jobs = ['queued', 'processing'].map((status) => `{pixdock}:images:${OWNER}:status:${status}`);
    const counts = [...jobs, '{pixdock}:batches-open'].map((key) => Number(stack.redis.cli('ZCARD', key)));
    return counts.every((count) => count === 0) ? true : null;
  });

/** Longer than any pause between two jobs. */
const CALM_MS = 3000;

/** Once nothing has changed for a while. */
async function settledLevel(stack: Stack): Promise<Level> {
  let last = await levelOf(stack);
  for (;;) {
    await sleep(CALM_MS);
    const next = await levelOf(stack);
    if (next.staging === last.staging && next.countedRedis === last.countedRedis) return next;
    last = next;
  }
}

async function levelOf({ dataDir, redis }: Stack): Promise<Level> {
  const { byOwner } = await stagingAt(dataDir).openUsageCounter().all(new Map());
  const use = await stagingUse(dataDir);
  const ofBatches = Number(redis.cli('ZCARD', `{pixdock}:batches:${OWNER}`)) * BATCH_BYTES;
  return {
    redis: Number(/used_memory_dataset:(\d+)/.exec(redis.cli('info', 'memory'))?.[1]),
    countedRedis:
      Number(redis.cli('HGET', '{pixdock}:record-bytes', OWNER) || 0) + ofBatches + ofClaims(redis),
    staging: use.bytes,
    countedStaging: byOwner.get(OWNER) ?? 0,
    inodes: use.inodes,
  };
}

function ofClaims(redis: Stack['redis']): number {
  const keys = redis.cli('KEYS', `{pixdock}:claim-bytes:${OWNER}:*`).split('\n');
  return keys.reduce((sum, key) => sum + (key === '' ? 0 : Number(redis.cli('GET', key))), 0);
}
