/* Compares the API's responses with the recorded ones. After an intended change: `npm test -- e2e/src/exchanges -u`. */
import { ERROR_CODES } from '@pixdock/contract/error-table';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { fixtureVersions, readContract } from '../redis/fixtures.js';
import { breakingChanges } from './breaking-changes.js';
import { type Contract, type OpenApiDocument, openContract } from './contract.js';
import { openRecording, type Recording } from './recording.js';
import { recordBatches } from './scenarios/batches.js';
import { recordContract } from './scenarios/contract.js';
import { recordFailures } from './scenarios/failures.js';
import { recordFinishedBatches } from './scenarios/finished-batches.js';
import { recordForms } from './scenarios/forms.js';
import { recordIdempotency } from './scenarios/idempotency.js';
import { recordLimits } from './scenarios/limits.js';
import { recordPublished } from './scenarios/published.js';
import { recordReading } from './scenarios/reading.js';
import { recordReviews } from './scenarios/reviews.js';
import { recordSubmitting } from './scenarios/submitting.js';
import { recordUploadTokens } from './scenarios/upload-tokens.js';
import { recordUploads } from './scenarios/uploads.js';
import { recordWebhooks } from './scenarios/webhooks.js';
import { recordWithoutRedis } from './scenarios/without-redis.js';
import { type ExchangeStack, startExchangeStack } from './stage.js';

let stack: ExchangeStack;
let contract: Contract;
beforeAll(async () => {
  stack = await startExchangeStack();
  contract = openContract(await readDocument());
});
afterAll(() => stack.stop());

/** Minutes, for a machine under heavy load. */
const PATIENCE_MS = 300_000;

const lines: string[] = [];
const codes = new Set<string>();

async function readDocument(): Promise<OpenApiDocument> {
  return (await ask<OpenApiDocument>(stack, '/openapi.json', { headers: { Authorization: '' } })).body;
}

/** Compares the exchanges, and separately their sentences. */
async function record(name: string, owner: string, run: (recording: Recording) => Promise<void>) {
  const recording = openRecording(stack, owner, contract);
  await run(recording);
  const result = recording.result();
  await expect.soft(result.exchanges).toMatchFileSnapshot(`recorded/${name}.json`);
  await expect.soft(result.sentences).toMatchFileSnapshot(`recorded/${name}.sentences.json`);
  lines.push(...result.lines);
  for (const code of result.codes) codes.add(code);
}

/** Waits until the queues are empty: behind other images, a request would wait longer than its Prefer header allows. */
async function untilIdle(): Promise<void> {
  const queues = ['images', 'items', 'sources', 'item-sources'].map((name) => `{pixdock}:queue:${name}`);
  const isEmpty = (queue: string) =>
    stack.redis.cli('zcard', `${queue}:prioritized`) === '0' &&
    stack.redis.cli('zcard', `${queue}:delayed`) === '0' &&
    stack.redis.cli('llen', `${queue}:active`) === '0';
  await until('the queues to be empty', PATIENCE_MS / 1000, async () =>
    queues.every(isEmpty) ? true : null,
  );
}

const released = await fixtureVersions();
test.runIf(released.length > 0)('breaks no client of a released version', async () => {
  const document = await readDocument();
  for (const version of released)
    expect({ version, changes: breakingChanges(await readContract(version), document) }).toEqual({
      version,
      changes: [],
    });
});

// Without a worker, so that images stay queued.
test(
  'responds to health, errors and wrong requests the same',
  () => record('contract', 'anyone', recordContract),
  PATIENCE_MS,
);
test(
  'takes and refuses images the same',
  () => record('submitting', 'submitter', (recording) => recordSubmitting(stack, recording)),
  PATIENCE_MS,
);
test(
  'takes the forms of clients the same',
  () => record('forms', 'client', (recording) => recordForms(stack, recording)),
  PATIENCE_MS,
);
test('takes and refuses upload tokens the same', () =>
  record('upload-tokens', 'visited', recordUploadTokens));
test('takes and refuses resumable uploads the same', () => record('uploads', 'resumer', recordUploads));
test('creates, lists and deletes webhook endpoints the same', () =>
  record('webhooks', 'subscriber', recordWebhooks));
test(
  'reads, lists and deletes queued images the same',
  () => record('reading', 'reader', recordReading),
  PATIENCE_MS,
);
test('takes and refuses batches the same', () => record('batches', 'importer', recordBatches), PATIENCE_MS);
test(
  'responds to repeated requests the same',
  () => record('idempotency', 'repeater', (recording) => recordIdempotency(stack, recording)),
  PATIENCE_MS,
);
test(
  'limits owners the same',
  () => record('limits', 'other', (recording) => recordLimits(stack, recording)),
  PATIENCE_MS,
);

test(
  'publishes and fails images the same',
  async () => {
    await stack.restartWorker();
    await untilIdle();
    await record('published', 'publisher', (recording) => recordPublished(stack, recording));
  },
  PATIENCE_MS,
);
test(
  'reviews images the same',
  () => record('reviews', 'moderator', (recording) => recordReviews(stack, recording)),
  PATIENCE_MS,
);
test('lists and retries failures the same', () => record('failures', 'failer', recordFailures), PATIENCE_MS);
test(
  'finishes batches the same',
  () => record('finished-batches', 'finisher', (recording) => recordFinishedBatches(stack, recording)),
  120_000,
);

test('responds without Redis the same', async () => {
  await stack.worker.stop();
  await stack.redis.crash();
  await record('without-redis', 'anyone', recordWithoutRedis);
  await stack.redis.restart();
});

test('records every operation, and every error code that a small request causes', () => {
  const isRecorded = (operation: string) => {
    const [start = '', ...rest] = operation.split(/\{\w+\}/);
    const pattern = new RegExp(`^${[start, ...rest].join('[^/?]+')}(?:[?].*)?$`);
    return lines.some((line) => pattern.test(line));
  };
  expect(contract.operations.filter((operation) => !isRecorded(operation))).toEqual([]);
  expect(ERROR_CODES.filter((code) => !codes.has(code))).toEqual(UNCAUSED);
});

/** These need an outage of OSS or of a reviewer, several minutes, a crash of a decoder, or a feature that does not exist yet. */
const UNCAUSED = [
  'upload_in_use',
  'overloaded',
  'review_unavailable',
  'processing_timeout',
  'processing_crashed',
  'source_timeout',
  'storage_denied',
  'storage_unavailable',
  'storage_conflict',
];
