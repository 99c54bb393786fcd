import type { FailureGroup, FailureRetry } from '@pixdock/contract/failure';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, until, untilFinal, upload } from './harness/client.js';
import { photo } from './harness/pictures.js';
import { clocks, type Stack, startStack } from './harness/stack.js';
import { commandsIn, runOps } from './ops/support.js';

let stack: Stack;
let picture: Buffer;
let single: string;
beforeAll(async () => {
  stack = await startStack(clocks('sweep=1000'));
  picture = await photo(64, 48);
  single = (await upload(stack, picture.subarray(0, picture.length / 2))).body.id;
  const rows = ['1', '2'].map((row) => ({ url: `http://127.0.0.1:1/${row}.jpg`, externalId: row }));
  const batch = await ask<{ id: string }>(stack, '/v1/batches', json({ items: rows }));
  await untilFinal(stack, single);
  await until('the batch to finish', 60, async () => {
    const { body } = await ask<{ status: string }>(stack, `/v1/batches/${batch.body.id}`);
    return body.status === 'finished' ? true : null;
  });
});
afterAll(() => stack.stop());

const json = (body: object) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
const groups = async () => (await ask<{ items: FailureGroup[] }>(stack, '/v1/failures')).body.items;
const counted = async () => (await groups()).map(({ code, host, count }) => [code, host, count]);
const FAILED = [
  ['source_forbidden', '127.0.0.1:1', 2],
  ['image_truncated', null, 1],
];

it('lists failures across batches, also after a loss of Redis', async () => {
  expect(await counted()).toEqual(FAILED);
  stack.redis.cli('FLUSHALL');
  await until('the failures to be restored', 60, async () =>
    JSON.stringify(await counted()) === JSON.stringify(FAILED) ? true : null,
  );
});

it('shows operators the failures of all owners', async () => {
  const { exit, out } = await runOps(stack, ['failures']);
  expect(exit).toBe(0);
  expect(out).toMatch(/^acme {2}2 {2}source_forbidden {2}127\.0\.0\.1:1 {2}\S+ to \S+ {2}img_/);
  const lines = (await runOps(stack, ['failures', '--owner', 'acme', '--json'])).out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { owner: 'acme', code: 'source_forbidden', count: 2 },
    { owner: 'acme', code: 'image_truncated', count: 1, exampleId: single },
  ]);
  expect((await runOps(stack, ['failures', '--owner', 'other'])).err).toBe('No image has failed.\n');
});

it('retries them in one request', async () => {
  const { status, body } = await ask<FailureRetry>(stack, '/v1/failures/retry', json({}));
  expect(status).toBe(202);
  const finished = await until('the retry to finish', 60, async () => {
    const read = await ask<FailureRetry>(stack, `/v1/failures/retry/${body.id}`);
    return read.body.status === 'finished' ? read.body : null;
  });
  expect(finished).toMatchObject({ retried: 3, skipped: 0 });
  await until('all to fail again', 60, async () => {
    const { body: page } = await ask<{ items: Image[] }>(stack, '/v1/images?status=failed');
    return page.items.filter(({ run }) => run === 2).length === 3 ? true : null;
  });
  expect(await counted()).toEqual(FAILED);
});

it('pauses processing while uploads wait, deletions continue, and Redis is lost', async () => {
  const readiness = async () => (await ask<{ processing: string }>(stack, '/readyz')).body.processing;
  expect((await runOps(stack, ['pause'])).out).toContain('Processing is paused since');
  // The worker reports again within 6 s after the loss of the first test.
  await until('it to be paused', 20, async () => ((await readiness()) === 'paused' ? true : null));
  const status = await runOps(stack, ['status']);
  expect([status.exit, status.out]).toEqual([1, expect.stringContaining('✗ Processing is paused since')]);
  const waiting = (await upload(stack, picture)).body.id;
  const rows = { items: [{ url: 'http://127.0.0.1:1/3.jpg' }] };
  const batch = (await ask<{ id: string }>(stack, '/v1/batches', json(rows))).body.id;
  await deleteAnother();

  stack.redis.cli('FLUSHALL');
  await until('the restore', 60, async () => ((await readiness()) === 'paused' ? true : null));
  await deleteAnother();
  // Right after a loss it may be refused with 503, and is repeated as clients do.
  await until('the request to cancel', 30, async () => {
    const canceling = await ask(stack, `/v1/batches/${batch}/cancel`, { method: 'POST' });
    return canceling.status < 500 ? true : null;
  });
  await until('the batch to be canceled', 60, async () => {
    const { body } = await ask<{ status: string }>(stack, `/v1/batches/${batch}`);
    return body.status === 'canceled' ? true : null;
  });
  expect((await ask(stack, `/v1/images/${waiting}`)).body).toMatchObject({ status: 'queued', attempts: 0 });

  expect((await runOps(stack, ['resume'])).out).toBe('Processing continues.\n');
  expect(await untilFinal(stack, waiting)).toMatchObject({ status: 'published' });
  expect(await readiness()).toBe('ok');
  expect(commandsIn(stack)).toEqual(['pause', 'resume']);
});

/** Uploads an image and deletes it, which a worker without a pause would publish first, or at least begin. */
async function deleteAnother(): Promise<void> {
  const { id } = (await upload(stack, picture)).body;
  await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
  expect(await untilFinal(stack, id)).toMatchObject({ status: 'deleted', attempts: 0 });
}
