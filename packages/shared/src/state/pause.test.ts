import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openQueue } from '../queue/queue.js';
import { startTestRedis } from '../testing/redis.js';
import { watchSyncs } from '../testing/watch-syncs.js';
import { stagingAt } from './folder-staging/open-staging.js';
import { openPause, openPauseReader } from './pause.js';

async function open() {
  const redis = await startTestRedis();
  const { connection, settings } = redis;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-pause-'));
  const { notes } = stagingAt(folder);
  const queue = openQueue(connection, settings.prefix);
  onTestFinished(async () => {
    await queue.close();
    await redis.stop();
    await rm(folder, { recursive: true });
  });
  const pausedQueues = async () => {
    const metas = await connection.keys(`${settings.prefix}:queue:*:meta`);
    const flags = await Promise.all(metas.map((meta) => connection.hexists(meta, 'paused')));
    return new Set(metas.filter((_, i) => flags[i] === 1).map((meta) => meta.split(':').at(-2)));
  };
  const pause = openPause(connection, settings.prefix, notes, queue);
  return {
    folder,
    notes,
    connection,
    settings,
    queue,
    pause,
    pausedQueues,
    since: openPauseReader(connection, settings.prefix),
  };
}

const ALL = new Set(['images', 'item-sources', 'items', 'sources']);

it('pauses fetching and processing, and nothing else, until it ends', async () => {
  const { pause, pausedQueues, since } = await open();
  expect(await pause.end()).toBe(false);
  const began = await pause.begin();
  expect(await pause.begin()).toBe(began);
  expect([await since(), await pausedQueues()]).toEqual([began, ALL]);
  expect(await pause.end()).toBe(true);
  expect([await since(), await pausedQueues()]).toEqual([null, new Set()]);
});

it('does not pause again after a power failure', async () => {
  const { folder, pause } = await open();
  await pause.begin();
  const syncs = await watchSyncs();
  await pause.end();
  expect(syncs.includes(join(folder, 'staging'))).toBe(true);
});

it('restores what the note says after a loss of Redis', async () => {
  const { connection, pause, pausedQueues, since } = await open();
  const began = await pause.begin();
  await connection.flushall();
  expect(await pausedQueues()).toEqual(new Set());
  await pause.restore();
  expect([await since(), await pausedQueues()]).toEqual([began, ALL]);
});

it('continues after Redis went back to a state in which it was paused', async () => {
  const { connection, pause, pausedQueues, since } = await open();
  await pause.begin();
  const dumps = await Promise.all(
    (await connection.keys('*')).map(async (key) => [key, await connection.dumpBuffer(key)] as const),
  );
  await pause.end();
  for (const [key, dump] of dumps) await connection.restore(key, 0, dump ?? '', 'REPLACE');
  expect(await pausedQueues()).toEqual(ALL);
  await pause.restore();
  expect([await since(), await pausedQueues()]).toEqual([null, new Set()]);
});

it('resumes although another process restores the pause at this moment', async () => {
  const { notes, connection, settings, queue, pause, pausedQueues, since } = await open();
  await pause.begin();
  let isEnded = false;
  const setPaused = async (isPaused: boolean) => {
    if (!isEnded) await pause.end();
    isEnded = true;
    await queue.setPaused(isPaused);
  };
  await openPause(connection, settings.prefix, notes, { setPaused }).restore();
  expect([await since(), await pausedQueues()]).toEqual([null, new Set()]);
});
