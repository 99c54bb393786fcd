import { expect, it } from 'vitest';
import { openObserver } from './readiness.js';

const USAGE = {
  limit: 1,
  byUse: { reserved: 0, uploads: 0, images: 0, batches: 0, endpoints: 0, outcomes: 0 },
};
const STATE = {
  queues: [],
  processing: 'ok' as const,
  workers: 1,
  openBatches: 0,
  held: { count: 2, oldestMs: 60_000 },
  storageTrouble: null,
  cdn: { sent: 0, isExhausted: false, refusal: null, waiting: 0 },
  pausedSince: null,
};

function open(isRedisUp = true) {
  let reads = 0;
  const reply = async <T>(value: T): Promise<T> => {
    if (!isRedisUp) throw new Error('Connection is closed.');
    return value;
  };
  const storageHealth = { read: () => reply(null), report: async () => {}, clear: async () => {} };
  const diskQuota = {
    reserve: () => Promise.reject(new Error('not asked')),
    findFull: async () => null,
    begin: async () => {},
    refresh: async () => {},
    usage: () => USAGE,
  };
  const deps = {
    storageHealth,
    diskQuota,
    findFullRedis: () => reply(null),
    isRestored: () => reply(true),
    stopping: new AbortController().signal,
  };
  const observe = openObserver(deps, () => {
    reads++;
    return reply(STATE);
  });
  return { observe, reads: () => reads };
}

it('reads Redis once for all scrapes of a second', async () => {
  const { observe, reads } = open();
  const all = await Promise.all([observe(), observe(), observe()]);
  const observed = { isReady: true, service: STATE, staging: USAGE };
  expect(all).toEqual([observed, observed, observed]);
  expect(reads()).toBe(1);
});

it('responds while Redis is away', async () => {
  expect(await open(false).observe()).toEqual({ isReady: false, service: null, staging: USAGE });
});
