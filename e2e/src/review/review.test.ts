import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { openTestStaging } from '@pixdock/shared/testing/staging';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { readBatch } from '../batch/requests.js';
import { expectOwned, listKeys } from '../harness/bucket.js';
import { ask, OTHER, request, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { linesOf, runPixdock } from '../harness/pixdock.js';
import type { Stack } from '../harness/stack.js';
import { startWebhookReceiver, type WebhookReceiver } from '../harness/webhook-receiver.js';
import { decide, type Reviewer } from './reviewer.js';
import {
  MODERATOR,
  OTHER_REVIEWER,
  otherSource,
  post,
  queueOf,
  REVIEWER,
  read,
  startReviewStack,
  untilHeld,
} from './stack.js';

let stack: Stack;
let reviewer: Reviewer;
let receiver: WebhookReceiver;
let picture: Buffer;
let stop: () => Promise<void>;
beforeAll(async () => {
  receiver = await startWebhookReceiver();
  picture = await photo(120, 80);
  ({ stack, reviewer, stop } = await startReviewStack({}, [receiver.host]));
});
afterAll(async () => {
  await stop();
  receiver.stop();
});
beforeEach(() => {
  reviewer.asked.length = 0;
  // The answer is in the externalId.
  reviewer.answer = ({ event }, response) =>
    decide(response, event.data.externalId?.split('-')[0] ?? 'approve', [{ label: 'weapon', score: 0.7 }]);
});

const submit = async (profile: string, externalId: string, headers: Record<string, string> = {}) => {
  const bytes = profile === 'people' ? otherSource(picture) : picture;
  const sent = await upload(stack, bytes, { fields: { profile, externalId }, headers });
  expect([sent.status, sent.body.detail]).toEqual([202, undefined]);
  return sent.body.id;
};
const held = async (profile = 'people', externalId = 'hold') =>
  untilHeld(stack, await submit(profile, externalId));

it('publishes an image after the reviewer approved it', async () => {
  const id = await submit('asked', 'approve');
  const image = await untilFinal(stack, id);
  expect(image).toMatchObject({ status: 'published', review: { decision: 'approve', by: 'http' } });
  const stages = image.timeline.map(({ stage }) => stage);
  expect(stages.slice(-4)).toEqual(['reviewing', 'uploading', 'verifying', 'published']);
  const [asked] = reviewer.asked;
  const main = await (await fetch(image.url ?? '')).arrayBuffer();
  expect(asked?.bytes.equals(Buffer.from(main))).toBe(true);
  expect(asked?.event).toMatchObject({
    type: 'image.review',
    data: {
      id,
      owner: 'acme',
      profile: 'asked',
      profileVersion: image.receipt?.profileVersion,
      width: 64,
      height: 43,
      externalId: 'approve',
      source: { sha256: createHash('sha256').update(picture).digest('hex') },
    },
  });
  expect(reviewer.asked).toHaveLength(1);
});

it('sends externalId and metadata to the reviewer only if the profile says so', async () => {
  const fields = { profile: 'discreet', externalId: 'secret-id', metadata: '{"note":"secret-note"}' };
  const { body } = await upload(stack, picture, { fields });
  await untilFinal(stack, body.id);
  expect(reviewer.asked).toHaveLength(1);
  expect(JSON.stringify(reviewer.asked[0]?.event)).not.toContain('secret');
});

it('asks nobody again about the same bytes, unless the reviewer gets other fields of the image or the owner is another', async () => {
  const bytes = otherSource(picture);
  const send = async (profile: string, headers: Record<string, string> = {}) =>
    (await upload(stack, bytes, { fields: { profile, externalId: 'approve' }, headers })).body.id;
  const first = await untilFinal(stack, await send('discreet'));
  const second = await untilFinal(stack, await send('discreet'));
  expect(second).toMatchObject({ status: 'published', review: first.review ?? {} });
  expect(reviewer.asked).toHaveLength(1);
  for (let i = 0; i < 2; i++) await untilFinal(stack, await send('asked'));
  expect(reviewer.asked).toHaveLength(3);

  const { id } = await untilHeld(stack, await send('people'));
  await post(stack, `/v1/images/${id}/reject`);
  await untilFinal(stack, id);
  const again = await untilFinal(stack, await send('people'));
  expect(again).toMatchObject({ error: { code: 'content_rejected' }, review: { by: 'manual' } });
  const ofOther = await send('people', OTHER);
  await until('the image of the other owner', 20, async () =>
    (await queueOf(stack, OTHER_REVIEWER)).length === 1 ? true : null,
  );
  await post(stack, `/v1/images/${ofOther}/reject`, OTHER_REVIEWER);
  // Once the rejected images are deleted, a person is asked again.
  for (const one of [id, again.id]) {
    await ask(stack, `/v1/images/${one}`, { method: 'DELETE' });
    await until('the deletion', 20, async () =>
      (await read(stack, one)).status === 'deleted' ? true : null,
    );
  }
  const asked = await untilHeld(stack, await send('people'));
  await post(stack, `/v1/images/${asked.id}/reject`);
  await untilFinal(stack, asked.id);
});

it('does not ask about images of other profiles', async () => {
  const image = await untilFinal(stack, await submit('plain', 'reject'));
  expect([image.status, image.review, reviewer.asked.length]).toEqual(['published', undefined, 0]);
});

it('fails a rejected image, which no retry publishes', async () => {
  const id = await submit('asked', 'reject');
  const image = await untilFinal(stack, id);
  expect(image).toMatchObject({
    status: 'failed',
    error: { code: 'content_rejected', retryable: false },
    review: { reasons: [{ label: 'weapon', score: 0.7, text: null }] },
    variants: {},
  });
  const retried = await ask(stack, `/v1/images/${id}/retry`, { method: 'POST' });
  expect(retried).toMatchObject({ status: 409, body: { code: 'not_retryable' } });
  expect(retried.body.detail).toContain('rejected');
});

it('holds an image until a person approves it', async () => {
  await receiver.subscribe(stack, 'held', { events: ['image.held'] });
  const { id, version, review } = await held('asked');
  expect(review).toMatchObject({ by: 'http', reasons: [{ label: 'weapon' }], heldAt: expect.any(String) });
  const event = await until('the event', 20, async () => receiver.received[0]?.event ?? null);
  expect(event).toMatchObject({ type: 'image.held', data: { id, version, status: 'processing' } });

  expect((await queueOf(stack)).map((image) => image.id)).toEqual([id]);
  const content = await request(stack, `/v1/images/${id}/content/main`, { headers: REVIEWER });
  expect(content.headers.get('content-type')).toBe('image/jpeg');
  expect(content.bytes.equals(reviewer.asked[0]?.bytes ?? Buffer.alloc(0))).toBe(true);
  const thumb = await request(stack, `/v1/images/${id}/content/thumb`, { headers: REVIEWER });
  expect(thumb.headers.get('content-type')).toBe('image/webp');
  const missing = await request(stack, `/v1/images/${id}/content/other`, { headers: REVIEWER });
  expect(missing.status).toBe(404);
  expect((await listKeys(stack)).some((key) => key.includes(id.slice(4)))).toBe(false);

  const approved = await post(stack, `/v1/images/${id}/approve`);
  expect(approved).toMatchObject({ status: 202, body: { review: { decision: 'approve', by: 'manual' } } });
  const image = await untilFinal(stack, id);
  expect([image.status, image.attempts, image.lastError]).toEqual(['published', 1, null]);
  expect(reviewer.asked).toHaveLength(1);
  expect(await queueOf(stack)).toEqual([]);
  expect((await post(stack, `/v1/images/${id}/approve`)).status).toBe(202);
  const late = await post(stack, `/v1/images/${id}/reject`);
  expect(late).toMatchObject({ status: 409, body: { code: 'not_held' } });
});

it('fails an image that a person rejects, and deletes a held one', async () => {
  const rejected = await held();
  expect((await post(stack, `/v1/images/${rejected.id}/reject`)).status).toBe(202);
  expect(await untilFinal(stack, rejected.id)).toMatchObject({ error: { code: 'content_rejected' } });

  const deleted = await held();
  const content = `/v1/images/${deleted.id}/content/main`;
  const { outputs, layout } = await openTestStaging(stack.dataDir);
  const { folder, rendered } = JSON.parse((await outputs.manifest(deleted.id)) ?? '');
  const file = join(layout.output(deleted.id), folder, rendered.variants.main.file);
  await appendFile(file, Buffer.alloc(1_000_000));
  const openFiles = () => readdirSync(`/proc/${stack.api.pid}/fd`).length;
  const before = openFiles();
  // Nobody reads the file to its end.
  for (let i = 0; i < 50; i++) await request(stack, content, { method: 'HEAD', headers: REVIEWER });
  expect(openFiles() - before).toBeLessThan(20);
  // The worker cannot end the deletion.
  stack.worker.kill('SIGSTOP');
  await ask(stack, `/v1/images/${deleted.id}`, { method: 'DELETE' });
  expect((await request(stack, content, { headers: REVIEWER })).status).toBe(404);
  stack.worker.kill('SIGCONT');
  expect(await queueOf(stack)).toEqual([]);
  expect((await untilFinal(stack, deleted.id)).status).toBe('deleted');
  expect((await post(stack, `/v1/images/${deleted.id}/approve`)).body).toMatchObject({
    code: 'not_held',
    detail: expect.stringContaining('is deleted'),
  });
});

it('lets only keys for reviews decide, each on its own owner, and those of operators on all', async () => {
  const { id } = await held();
  const call = async (path: string, headers: Record<string, string>, method = 'POST') =>
    (await ask(stack, path, { method, headers })).status;
  for (const path of [`/v1/images/${id}/approve`, `/v1/images/${id}/reject`]) {
    expect(await call(path, {}), path).toBe(403);
    expect(await call(path, OTHER_REVIEWER), path).toBe(404);
  }
  expect(await call('/v1/images?stage=reviewing', {}, 'GET')).toBe(403);
  expect(await call(`/v1/images/${id}/content/main`, {}, 'GET')).toBe(403);
  expect((await request(stack, `/v1/images/${id}/content/main`, { headers: OTHER_REVIEWER })).status).toBe(
    404,
  );
  expect(await queueOf(stack, OTHER_REVIEWER)).toEqual([]);
  const ofOther = await submit('people', 'hold', OTHER);
  const queue = () => queueOf(stack, MODERATOR);
  await until('both images', 20, async () => ((await queue()).length === 2 ? true : null));
  // The one that waits longest comes first.
  expect((await queue()).map((image) => image.id)).toEqual([id, ofOther]);
  expect((await request(stack, `/v1/images/${ofOther}/content/main`, { headers: MODERATOR })).status).toBe(
    200,
  );
  for (const one of [id, ofOther]) expect(await call(`/v1/images/${one}/approve`, MODERATOR)).toBe(202);
  await until('an empty queue', 20, async () => ((await queue()).length === 0 ? true : null));
  expect((await untilFinal(stack, id)).status).toBe('published');
});

it('keeps a batch running, without an estimate, while items are held', async () => {
  const form = new FormData();
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg'])
    form.append('file', new Blob([new Uint8Array(otherSource(picture))], { type: 'image/jpeg' }), name);
  const { body } = await ask<Batch>(stack, '/v1/batches?profile=people', { method: 'POST', body: form });
  const batch = await until('all items to be held', 30, async () => {
    const found = (await readBatch(stack, body.id)).body;
    return found.held === 3 ? found : null;
  });
  expect(batch).toMatchObject({ status: 'running', etaSeconds: null, counts: { processing: 3 } });
  const [first, second, third] = await queueOf(stack);
  if (first === undefined || second === undefined || third === undefined) throw new TypeError('three items');
  for (const { id } of [first, second]) await post(stack, `/v1/images/${id}/approve`);
  await post(stack, `/v1/images/${third.id}/reject`);
  const ended = await until('the end of the batch', 30, async () => {
    const found = (await readBatch(stack, body.id)).body;
    return found.status === 'finished' ? found : null;
  });
  expect(ended).toMatchObject({ held: 0, counts: { published: 2, failed: 1, processing: 0 } });
  expect((await read(stack, third.id)).error?.code).toBe('content_rejected');
});

it('cancels the held items of a batch', async () => {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(otherSource(picture))], { type: 'image/jpeg' }), 'a.jpg');
  const { body } = await ask<Batch>(stack, '/v1/batches?profile=people', { method: 'POST', body: form });
  await until('the item', 30, async () => ((await readBatch(stack, body.id)).body.held === 1 ? true : null));
  await ask(stack, `/v1/batches/${body.id}/cancel`, { method: 'POST' });
  await until('the end', 30, async () =>
    (await readBatch(stack, body.id)).body.status === 'canceled' ? true : null,
  );
  expect(await queueOf(stack)).toEqual([]);
});

it('lists and decides in the terminal', async () => {
  const home = await mkdtemp(join(tmpdir(), 'pixdock-review-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const [approved, rejected] = [await held(), await held('asked')];
  const key = ['--key', 'key-of-the-reviewer-of-acme'];
  const listed = await runPixdock(stack, home, ['list', '--held', ...key]);
  expect(linesOf(listed.out).map((line) => line.split('\t')[0])).toEqual([approved.id, rejected.id]);
  expect(await runPixdock(stack, home, ['approve', approved.id, ...key])).toMatchObject({
    exit: 0,
    out: `${approved.id}\tapproved\n`,
  });
  expect((await runPixdock(stack, home, ['reject', rejected.id, ...key])).exit).toBe(0);
  expect((await untilFinal(stack, approved.id)).status).toBe('published');
  const late = await runPixdock(stack, home, ['approve', rejected.id, ...key]);
  expect([late.exit, late.err]).toEqual([1, expect.stringContaining('not_held')]);
});

it('stores nothing but the variants of approved images', async () => {
  expect(reviewer.refused).toBe(0);
  const { body } = await ask<{ items: Image[] }>(stack, '/v1/images', { headers: OTHER });
  for (const { id } of body.items) await ask(stack, `/v1/images/${id}`, { method: 'DELETE', headers: OTHER });
  await until('the images of the other owner to be deleted', 30, async () => {
    const keys = await listKeys(stack);
    return body.items.some(({ id }) => keys.some((key) => key.includes(id.slice(4)))) ? null : true;
  });
  const { id } = await held();
  await expectOwned(stack);
  await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
});
