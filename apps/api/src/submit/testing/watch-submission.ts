import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { builtInProfiles } from '@pixdock/contract/profile';
import { createLog } from '@pixdock/shared/runtime/log';
import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { ClaimOutcome, KeyHashes } from '@pixdock/shared/state/idempotency/idempotency';
import type { DoneClaim } from '@pixdock/shared/state/idempotency/stored-claim';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { openTestStaging, type TestStaging } from '@pixdock/shared/testing/staging';
import { stub } from '@pixdock/shared/testing/stub';
import { onTestFinished } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { openEvents } from '../../events.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { respondWithError } from '../../http/problem.js';
import type { Created } from '../../http/resource.js';
import type { UploadTokenRights } from '../../keys/upload-token.js';
import type { Work } from '../../limits/batch-admission.js';
import { openCounters } from '../../metrics.js';

interface Situation {
  /** The step that fails once, as if Redis did not respond. */
  failAt?: string;
  /** State of the Idempotency-Key; default: new. */
  key?: 'running' | DoneClaim | { diedWithId: string };
  /** The record in Redis under every id. */
  found?: ImageRecord | null;
  /** The same for batches. */
  foundBatch?: BatchState | null;
  /** The upload token of the request. */
  token?: UploadTokenRights | null;
}

/** Real staging in a temporary folder, and the other parts in memory. `steps` lists the steps of a submission in order. */
export async function watchSubmission({
  failAt,
  key,
  found = null,
  foundBatch = null,
  token = null,
}: Situation = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-submit-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const staging = await openTestStaging(folder);
  const steps: string[] = [];
  let toFail = failAt;
  let keptBytes = 0;
  const step = async (name: string): Promise<void> => {
    steps.push(name);
    if (name !== toFail) return;
    toFail = undefined;
    throw new PixdockError('queue_unavailable');
  };
  const log = createLog('test', { level: 'silent' });
  const deps = stub<ApiDeps>({
    config: {
      maxUploadBytes: 1024 ** 2,
      maxBatchBytes: 1024 ** 2,
      sources: { allow: new Set(['a.example:443']), ports: new Set([443]) },
      maxBatchItems: 10,
      retentionMs: 1000,
      acceptFormats: ['jpeg'],
      profiles: builtInProfiles(),
      metadataKeys: testMetadataKeys(),
      metadataIndex: [],
      webhooks: { ports: new Set([80, 443]), allow: new Set<string>() },
    },
    log,
    events: openEvents(log, openCounters(), { write() {} }),
    stopping: new AbortController().signal,
    staging: watchStaging(staging, step, steps),
    idempotency: { claim: async (_: string, [keyHash]: KeyHashes, newId: string) => claimOf(keyHash, newId) },
    shares: {
      admit: async (_: string, work: Work) => {
        await step('admit');
        if (work !== 'batch')
          return {
            countItem: async () => {},
            keep: () => {},
            [Symbol.asyncDispose]: async () => {},
          };
        return {
          countItem: () => step('count item'),
          keep: () => void steps.push('keep admission'),
          [Symbol.asyncDispose]: async () => void steps.push('end admission'),
        };
      },
    },
    writeLimits: {
      acquire: async () => {
        await step('wait for the disk');
        return { [Symbol.dispose]: () => {} };
      },
    },
    backlog: {
      expectRedis: () => step('ask Redis'),
    },
    diskQuota: {
      async reserve() {
        await step('reserve space');
        return {
          growTo: async () => {},
          commit: (bytes: number) => {
            keptBytes = bytes;
            steps.push('keep space');
          },
          [Symbol.dispose]: () => void steps.push('end reservation'),
        };
      },
    },
    images: {
      async inRedis() {
        await step('read record');
        return found;
      },
      async create(record) {
        await step('create record');
        found ??= record;
        return true;
      },
      async forget() {
        await step('forget record');
        return true;
      },
    },
    batches: {
      async inRedis() {
        await step('read record');
        return foundBatch;
      },
      async create(entry, version) {
        await step('create record');
        foundBatch ??= newBatchState(entry, version);
        return true;
      },
      forget: () => step('forget record'),
    },
    queue: { enqueue: () => step('enqueue'), expand: () => step('enqueue') },
    tokenUses: {
      async take(of) {
        if (of !== null) await step('take use of token');
        let isKept = of === null;
        return {
          keep: () => {
            isKept = true;
          },
          [Symbol.asyncDispose]: async () => {
            if (!isKept) steps.push('give use of token back');
          },
        };
      },
    },
    readLimits: { unknownIds: { acquire: async () => ({ [Symbol.dispose]: () => {} }) } },
  });

  async function claimOf(keyHash: string, newId: string): Promise<ClaimOutcome> {
    await step('claim key');
    if (key === 'running') return { outcome: 'running' };
    if (key !== undefined && 'state' in key) return { outcome: 'done', done: key };
    const claim = {
      keyHash,
      resourceId: key === undefined ? newId : key.diedWithId,
      confirm: () => step('confirm key'),
      complete: (_: string, response: unknown) =>
        step(`complete key ${response === null ? 'without' : 'with'} a response`),
      release: () => step('release key'),
      stop: () => void steps.push('stop renewing the key'),
    };
    return { outcome: 'claimed', claim };
  }

  return {
    steps,
    staging,
    deps,
    keptBytes: () => keptBytes,
    /** Runs `submit` for a request, with an Idempotency-Key unless the headers say otherwise. */
    send: async <T>(
      submit: (c: ApiContext, deps: ApiDeps) => Promise<Created<T>>,
      init: RequestInit,
      query = '',
    ) => {
      let result: Created<T> | null = null;
      const app = new OpenAPIHono<ApiEnv>();
      app.onError(respondWithError);
      app.post('/', async (c) => {
        c.set('owner', 'acme');
        c.set('caller', { owner: 'acme', keyId: '', scopes: new Set(), token });
        c.set('events', deps.events);
        result = await submit(c, deps);
        return c.body(null);
      });
      const headers = { 'Idempotency-Key': 'key', ...(init.headers as Record<string, string>) };
      const { status } = await app.request(`/${query}`, { ...init, method: 'POST', headers }, {});
      return { status, created: result as Created<T> | null };
    },
  };
}

function watchStaging(staging: TestStaging, step: (name: string) => Promise<void>, steps: string[]) {
  const watch = <A extends AsyncDisposable & { commit(entry: never): Promise<void>; keep(): void }>(
    arrival: A,
  ): A => ({
    ...arrival,
    async commit(entry: never) {
      await step('stage');
      await arrival.commit(entry);
    },
    keep() {
      steps.push('keep files');
      arrival.keep();
    },
    async [Symbol.asyncDispose]() {
      await arrival[Symbol.asyncDispose]();
      steps.push('end arrival');
    },
  });
  const received = async <A>(arrival: Promise<A>) => {
    await step('receive');
    return arrival;
  };
  return {
    ...staging,
    openArrival: async (id: string) => watch(await received(staging.openArrival(id))),
    openUnfetchedArrival: (id: string) => watch(staging.openUnfetchedArrival(id)),
    batches: {
      ...staging.batches,
      openArrival: async (id: string) => watch(await received(staging.batches.openArrival(id))),
    },
  };
}
