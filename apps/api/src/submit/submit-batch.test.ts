import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { builtInProfiles } from '@pixdock/contract/profile';
import { createLog } from '@pixdock/shared/runtime/log';
import { newBatchState } from '@pixdock/shared/state/records/batch-state';
import { openStaging } from '@pixdock/shared/state/staging';
import { testBatch } from '@pixdock/shared/testing/batch';
import { expect, it, onTestFinished } from 'vitest';
import { paceWithin } from '../body/paced.js';
import type { ApiDeps } from '../deps.js';
import type { ApiEnv } from '../http/env.js';
import { answerError } from '../http/problem.js';
import { noShares } from '../limits/shares.js';
import { openWriteLimits } from '../limits/write-limits.js';
import { once } from './once.js';
import { batchCreation } from './submit-batch.js';

/** Submits a batch whose state Redis does not confirm. Returns the ids of batches that were forgotten in Redis afterwards. */
async function submitUnconfirmed(foundAt: (createdAt: string) => string): Promise<string[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-submit-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const log = createLog('test', { level: 'silent' });
  const forgotten: string[] = [];
  let created = testBatch();
  let onLook = (): void => {};
  const lookedAgain = new Promise<void>((resolve) => {
    onLook = resolve;
  });
  const deps = {
    config: { profiles: builtInProfiles(), maxBatchItems: 10, maxBatchBytes: 1e6, retentionMs: 1 },
    log,
    staging: await openStaging(dataDir),
    stopping: new AbortController().signal,
    shares: noShares(),
    writeLimits: openWriteLimits(false),
    backlog: { size: async () => 0 },
    budget: { admit: async () => ({ cover: async () => {}, release: () => {} }) },
    batches: {
      async create(entry: typeof created) {
        created = entry;
        throw new Error('Command timed out');
      },
      async get() {
        setImmediate(onLook);
        return newBatchState({ ...created, createdAt: foundAt(created.createdAt) }, 1);
      },
      forget: async ({ id }: { id: string }) => void forgotten.push(id),
    },
  } as unknown as ApiDeps;
  const app = new OpenAPIHono<ApiEnv>();
  app.onError(answerError);
  app.use((c, next) => {
    c.set('owner', 'acme');
    c.set('log', log);
    c.set('pace', paceWithin(undefined));
    return next();
  });
  app.post('/', async (c) => c.json((await once(c, deps, batchCreation(c, deps))).outcome));
  const body = '{"url":"https://a.example/1.jpg"}';
  const headers = { 'Content-Type': 'application/x-ndjson' };
  expect((await app.request('/', { method: 'POST', body, headers }, {})).status).toBe(503);
  await lookedAgain;
  return forgotten;
}

it('forgets the state of a refused batch that Redis took without confirming it', async () => {
  expect(await submitUnconfirmed((createdAt) => createdAt)).toHaveLength(1);
});

it('keeps the state that another request with the same key has made meanwhile', async () => {
  expect(await submitUnconfirmed(() => '2026-01-01T00:00:00.000Z')).toEqual([]);
});
