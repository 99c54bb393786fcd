import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { clocks, type Stack } from '../harness/stack.js';
import { decide, type Reviewer } from './reviewer.js';
import { queueOf, read, startReviewStack, untilHeld } from './stack.js';

let stack: Stack;
let reviewer: Reviewer;
let picture: Buffer;
let stop: () => Promise<void>;
beforeAll(async () => {
  picture = await photo(120, 80);
  ({ stack, reviewer, stop } = await startReviewStack(clocks('sweep=1000,heal=1000')));
});
afterAll(() => stop());
beforeEach(() => {
  reviewer.asked.length = 0;
});

const submit = async (profile: string) =>
  (await upload(stack, picture, { fields: { profile, externalId: 'approve' } })).body.id;

it.each<[string, Reviewer['answer'], RegExp]>([
  ['responds 500', (_, response) => void response.writeHead(500).end('{"decision":"approve"}'), /HTTP 500/],
  [
    'redirects',
    (_, response) => void response.writeHead(307, { location: `${reviewer.url}?again` }).end(),
    /HTTP 307/,
  ],
  ['knows no decision', (_, response) => void decide(response, 'maybe'), /not a decision/],
  ['sends no JSON', (_, response) => void response.writeHead(200).end('approve'), /not a decision/],
  [
    'sends too much',
    (_, response) =>
      void response.writeHead(200).end(JSON.stringify({ decision: 'approve', more: 'a'.repeat(70_000) })),
    /not a decision/,
  ],
  ['breaks off', (_, response) => void response.destroy(), /does not respond/],
])('keeps an image waiting while the reviewer %s', async (_, answer, problem) => {
  reviewer.answer = answer;
  const id = await submit('asked');
  const waiting = await until('the reason', 30, async () => {
    const image = await read(stack, id);
    return image.lastError === null ? null : image;
  });
  expect(waiting).toMatchObject({ status: 'queued', lastError: { code: 'review_unavailable' } });
  expect(waiting.lastError?.detail).toMatch(problem);
  expect(waiting.nextAttemptAt).not.toBeNull();
  expect((await untilFinal(stack, await submit('plain'))).status).toBe('published');
  reviewer.answer = (_image, response) => decide(response, 'approve');
  expect(await untilFinal(stack, id)).toMatchObject({ status: 'published', lastError: null });
});

it('publishes images of other profiles while a slow reviewer has all its requests', async () => {
  const answers: (() => void)[] = [];
  reviewer.answer = (_, response) => void answers.push(() => decide(response, 'approve'));
  const ids = await Promise.all(Array.from({ length: 12 }, () => submit('asked')));
  await until('the first requests', 30, async () => (answers.length === 8 ? true : null));
  expect((await untilFinal(stack, await submit('plain'))).status).toBe('published');
  await sleep(1500);
  expect(answers).toHaveLength(8);
  reviewer.answer = (_image, response) => decide(response, 'approve');
  for (const answer of answers) answer();
  for (const id of ids) expect((await untilFinal(stack, id)).status).toBe('published');
});

it('rejects an image without a decision in time, and fails an image that the reviewer does not answer', async () => {
  await stack.worker.stop();
  await stack.restartWorker({ ...clocks('sweep=1000,heal=1000'), REVIEW_GIVE_UP: '3s' });
  const held = await submit('people');
  await untilHeld(stack, held);
  expect(await untilFinal(stack, held)).toMatchObject({
    status: 'failed',
    error: { code: 'content_rejected', detail: expect.stringContaining('in time') },
    review: { decision: 'reject', by: 'timeout' },
  });
  expect(await queueOf(stack)).toEqual([]);
  reviewer.answer = (_, response) => void response.writeHead(503).end();
  const unanswered = await untilFinal(stack, await submit('asked'));
  expect(unanswered.error).toMatchObject({ code: 'review_unavailable', retryable: true });
});
