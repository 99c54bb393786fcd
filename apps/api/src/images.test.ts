import { type FaultFacts, StorageFault } from '@pixdock/object-store/types';
import { newBatchState } from '@pixdock/shared/records/batch-state';
import { restored } from '@pixdock/shared/records/restored';
import { testBatch } from '@pixdock/shared/testing/batch';
import { testRecord } from '@pixdock/shared/testing/record';
import { expect, test } from 'vitest';
import type { ApiDeps } from './deps.js';
import { readImage } from './images.js';

test('what only staging knows is told as the record that a restore makes of it in the same moment', async () => {
  const account = testRecord({ createdAt: new Date(Date.now() - 5000).toISOString() });
  const made = restored(account, Date.now() - 1000);
  let isMade = false;
  const parts = {
    records: {
      get: async () => (isMade ? made : null),
      create: async () => {
        isMade = true;
        return false;
      },
    },
    staging: { entry: async () => ({ record: account }) },
  } as unknown as ApiDeps;
  expect((await readImage(parts, account.id, 'acme')).version).toBe(made.version);
});

test('an item that only staging knows becomes a record after its batch, with which it expires', async () => {
  const batch = testBatch();
  const account = testRecord({ batchId: batch.id, status: 'failed' });
  const made: string[] = [];
  const parts = {
    records: { get: async () => null, create: async () => made.push('image') > 0 },
    batches: {
      get: async () => (made.includes('batch') ? newBatchState(batch, 900) : null),
      create: async () => made.push('batch') > 0,
    },
    staging: {
      entry: async () => ({ record: account }),
      account: async () => ({ record: account }),
      batches: { open: async () => ({ entry: batch }), tombstone: async () => null },
    },
  } as unknown as ApiDeps;
  expect((await readImage(parts, account.id, 'acme')).id).toBe(account.id);
  expect(made).toEqual(['batch', 'image']);
});

/** Reads an image that only the store could know, where every HEAD ends with these facts. */
function read(facts: Partial<FaultFacts>) {
  const fault = new StorageFault('head', {
    kind: 'configuration',
    code: 'AccessDenied',
    status: 403,
    requestId: 'from-oss',
    ecCode: null,
    retryAfterMs: null,
    fix: { en: '', zh: '' },
    ...facts,
  });
  const parts = {
    records: { get: async () => null },
    staging: { entry: async () => null },
    store: { head: () => Promise.reject(fault) },
    config: { store: { prefix: '' } },
  } as unknown as ApiDeps;
  return readImage(parts, testRecord().id, 'acme');
}

test.each<[string, Partial<FaultFacts>]>([
  ['AccessDenied', {}],
  ['a 403 without a code', { code: 'HTTP403' }],
])('%s may mean that there is no such object', async (_, facts) => {
  await expect(read(facts)).rejects.toMatchObject({ code: 'not_found' });
});

test.each<[string, Partial<FaultFacts>]>([
  ['a key id that is none', { code: 'InvalidAccessKeyId' }],
  ['an expired token', { code: 'SecurityTokenExpired' }],
  ['a wrong secret', { code: 'SignatureDoesNotMatch' }],
  ['a suspended account', { code: 'UserDisable' }],
  ['no such bucket', { code: 'NoSuchBucket', status: 404 }],
  ['a certificate', { code: 'CERT_HAS_EXPIRED', status: null, requestId: null }],
  ['a signature refused without a code', { code: 'HTTP403', ecCode: '0002-00000902' }],
  ["a proxy's 403", { code: 'HTTP403', requestId: null }],
  ['a network fault', { kind: 'transient', code: 'ECONNRESET', status: null }],
])('%s tells nothing of the object', async (_, facts) => {
  await expect(read(facts)).rejects.toMatchObject({ code: 'overloaded', facts: { status: 503 } });
});
