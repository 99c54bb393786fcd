import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { profileSchema } from '@pixdock/contract/profile';
import { reviewSubject } from '@pixdock/shared/state/reviews';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { openStackStaging } from '../harness/leftovers.js';
import { photo } from '../harness/pictures.js';
import { clocks, type Stack } from '../harness/stack.js';
import { reconcile } from '../ops/support.js';
import { decide, type Reviewer } from './reviewer.js';
import { otherSource, PROFILES, post, queueOf, startReviewStack, untilHeld } from './stack.js';

let stack: Stack;
let reviewer: Reviewer;
let host: SourceServer;
let picture: Buffer;
let stop: () => Promise<void>;
beforeAll(async () => {
  picture = await photo(120, 80);
  host = await startSourceServer({ images: { a: { bytes: picture, type: 'image/jpeg' } } });
  const settings = { ...clocks('sweep=1000,heal=1000'), SOURCE_ALLOW: host.host };
  ({ stack, reviewer, stop } = await startReviewStack(settings));
});
afterAll(() => stop());
beforeEach(() => {
  reviewer.asked.length = 0;
  reviewer.answer = ({ event }, response) => decide(response, event.data.externalId?.split('-')[0] ?? '');
});

const submit = async (externalId: string, profile = 'asked') =>
  (await upload(stack, otherSource(picture), { fields: { profile, externalId } })).body.id;
const flush = () => stack.redis.cli('FLUSHALL');

/** Number of requests to the reviewer about an image. */
const timesAsked = (id: string) => reviewer.asked.filter(({ event }) => event.data.id === id).length;

it('does not ask again about an image whose worker was killed after the answer', async () => {
  await stack.worker.stop();
  await stack.restartWorker({ PIXDOCK_FAULTPOINT: 'run-keys-noted' });
  const id = await submit('approve');
  await stack.worker.exited;
  expect([timesAsked(id), await listKeys(stack)]).toEqual([1, []]);
  await stack.restartWorker();
  expect((await untilFinal(stack, id)).status).toBe('published');
  expect(timesAsked(id)).toBe(1);
});

it('holds an image again after FLUSHALL without asking, and carries a decision out', async () => {
  const [approved, rejected] = [await submit('hold-1'), await submit('hold-2', 'people')];
  for (const id of [approved, rejected]) await untilHeld(stack, id);
  flush();
  for (const id of [approved, rejected]) await untilHeld(stack, id);
  await until('the queue', 30, async () => ((await queueOf(stack)).length === 2 ? true : null));
  expect(timesAsked(approved)).toBe(1);
  expect((await post(stack, `/v1/images/${approved}/approve`)).status).toBe(202);
  expect((await post(stack, `/v1/images/${rejected}/reject`)).status).toBe(202);
  expect((await untilFinal(stack, approved)).status).toBe('published');
  expect((await untilFinal(stack, rejected)).error?.code).toBe('content_rejected');
});

it('loses no decision when Redis is emptied before a worker can carry it out', async () => {
  const ids = [await submit('hold-1'), await submit('hold-2')];
  for (const id of ids) await untilHeld(stack, id);
  stack.worker.kill('SIGKILL');
  await stack.worker.exited;
  const [approved = '', rejected = ''] = ids;
  await post(stack, `/v1/images/${approved}/approve`);
  await post(stack, `/v1/images/${rejected}/reject`);
  flush();
  await stack.restartWorker();
  expect((await untilFinal(stack, approved)).status).toBe('published');
  expect((await untilFinal(stack, rejected)).error?.code).toBe('content_rejected');
  expect(reviewer.asked).toHaveLength(2);
});

it('carries out a decision whose server died before it could queue the image', async () => {
  const id = await submit('hold', 'people');
  const { review, source } = await untilHeld(stack, id);
  if (review === undefined) throw new TypeError('no review');
  const { reviews } = await openStackStaging(stack);
  const subject = reviewSubject({ source }, profileSchema.parse(PROFILES.people));
  const at = new Date().toISOString();
  await reviews.decide(id, subject, { ...review, decision: 'approve', by: 'manual', at });
  expect((await untilFinal(stack, id)).status).toBe('published');
});

it('keeps an image held after FLUSHALL although the host of its source is gone', async () => {
  const body = JSON.stringify({ url: `${host.url}/image/a`, profile: 'people' });
  const headers = { 'content-type': 'application/json' };
  const { id } = (await ask(stack, '/v1/images', { method: 'POST', headers, body })).body;
  await untilHeld(stack, id);
  await host.stop();
  flush();
  await untilHeld(stack, id);
  await post(stack, `/v1/images/${id}/approve`);
  expect((await untilFinal(stack, id)).status).toBe('published');
});

it('rejects an image that a person rejected before the workers got profiles without a review', async () => {
  const id = await submit('hold', 'people');
  await untilHeld(stack, id);
  await stack.worker.stop();
  await post(stack, `/v1/images/${id}/reject`);
  const profiles = join(stack.dataDir, 'profiles-without-review.json');
  await writeFile(profiles, JSON.stringify({ ...PROFILES, people: PROFILES.plain }));
  await stack.restartWorker({ PROFILES_FILE: profiles });
  expect((await untilFinal(stack, id)).error?.code).toBe('content_rejected');
  await stack.worker.stop();
  await stack.restartWorker();
});

it('lets reconcile queue an image whose decision has no job', async () => {
  const id = await submit('hold', 'people');
  const { review, source } = await untilHeld(stack, id);
  if (review === undefined) throw new TypeError('no review');
  // A worker that stops before the job of a held image has ended would queue it again.
  await until('the end of its job', 20, async () =>
    stack.redis.cli('KEYS', `*:queue:images:${id}*`).trim() === '' ? true : null,
  );
  await stack.worker.stop();
  expect((await reconcile(stack)).found).toEqual([]);
  const { reviews } = await openStackStaging(stack);
  const subject = reviewSubject({ source }, profileSchema.parse(PROFILES.people));
  await reviews.decide(id, subject, {
    ...review,
    decision: 'approve',
    by: 'manual',
    at: new Date().toISOString(),
  });
  expect((await reconcile(stack, '--fix')).found).toEqual([['image-without-job', id, undefined]]);
  expect((await reconcile(stack)).found).toEqual([]);
  await stack.restartWorker();
  expect((await untilFinal(stack, id)).status).toBe('published');
});

it('fails an image whose files in staging are lost while it is held', async () => {
  const id = await submit('hold', 'people');
  await untilHeld(stack, id);
  await (await openStackStaging(stack)).dropFiles(id);
  expect((await untilFinal(stack, id)).error?.code).toBe('source_lost');
  expect(await queueOf(stack)).toEqual([]);
});
