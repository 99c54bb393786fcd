import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { addFault, clearFaults, expectOwned, readFaults } from './harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from './harness/client.js';
import { photo } from './harness/pictures.js';
import { type Stack, startStack } from './harness/stack.js';

const picture = await photo();
const error = (status: number, code: string) => ({ type: 'error', status, code });

/** The last put lands only after the deletion of its image has removed the object. */
const LATE_MS = 8000;
const DELETED_LATE = { PIXDOCK_TEST_CLOCKS: `put=${2 * LATE_MS}` };

/** The client waits half a minute for a hanging OSS, so each fault occurs once, and all occur concurrently. */
const PASSING = [
  { count: 2, action: error(500, 'InternalError') },
  { count: 1, action: error(500, 'InternalError'), when: 'after' },
  { count: 2, action: error(429, 'TooManyRequests') },
  { count: 2, action: { type: 'throttle', delayMs: 300 } },
  { count: 2, action: { type: 'html', status: 502 } },
  { count: 2, action: { type: 'html', status: 200 } },
  { count: 2, action: { type: 'empty', status: 503 } },
  { count: 1, action: { type: 'cut', status: 500 } },
  { count: 1, action: { type: 'cut', status: 200 }, when: 'after' },
  { count: 2, action: { type: 'reset' } },
  { count: 1, action: { type: 'reset' }, when: 'after' },
  { count: 1, action: { type: 'hang' } },
  { count: 1, action: { type: 'hang' }, when: 'after' },
  { count: 1, action: { type: 'late', ms: 1 } },
  { count: 1, action: { type: 'late', ms: 3000 } },
  { count: 1, action: { type: 'late', ms: LATE_MS } },
  { count: 1, action: { type: 'wrong-etag' } },
  { count: 1, action: { type: 'callback-failed' } },
];

test.concurrent('stores an object once although a put fails, and deletes an object that OSS stores late', async () => {
  const stored: string[] = [];
  const onStored = ({ key }: { key: string }) => stored.push(key);
  const use = async (stack: Stack) => {
    await stack.worker.stop();
    const uploads = await Promise.all(PASSING.map(() => upload(stack, picture)));
    const ids = uploads.map(({ body }) => body.id);
    for (const [i, rule] of PASSING.entries())
      await addFault(stack, { operation: 'PutObject', key: `${ids[i]?.slice(4)}/main`, ...rule });
    await stack.restartWorker();
    const images = await untilPublished(stack, ids);
    for (const { attempts, timeline } of images) {
      expect(attempts).toBe(1);
      expect(timeline.filter(({ stage }) => stage === 'normalizing')).toHaveLength(1);
    }
    expect((await readFaults(stack)).map(({ fired }) => fired)).toEqual(PASSING.map(({ count }) => count));

    const late = images[PASSING.findIndex(({ action }) => 'ms' in action && action.ms === LATE_MS)];
    const puts = () => stored.filter((key) => key === late?.variants?.main?.key).length;
    expect(puts()).toBe(1);
    await ask(stack, `/v1/images/${late?.id}`, { method: 'DELETE' });
    await until('its late put', 30, async () => (puts() === 2 ? true : null));
    await until('its deletion', 30, async () => {
      const { body } = await ask(stack, `/v1/images/${late?.id}`);
      return body.status === 'deleted' ? true : null;
    });
  };
  await withStack(use, startStack(DELETED_LATE, { onStored }));
}, 120_000);

test.concurrent(
  'publishes images while OSS refuses deletions, and deletes once it allows them',
  () =>
    withStack(async (stack) => {
      const uploads = await Promise.all(Array.from({ length: 8 }, () => upload(stack, picture)));
      const ids = uploads.map(({ body }) => body.id);
      await untilPublished(stack, ids);
      await addFault(stack, { operation: 'DeleteObject', action: error(403, 'AccessDenied') });
      for (const id of ids) await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
      await until('refusals', 30, async () => {
        const [rule] = await readFaults(stack);
        return (rule?.fired ?? 0) >= ids.length ? true : null;
      });
      const { body } = await upload(stack, picture);
      expect((await untilFinal(stack, body.id, 20)).status).toBe('published');
      await clearFaults(stack);
      await until('the deletions', 40, async () => {
        const images = await Promise.all(ids.map((id) => ask(stack, `/v1/images/${id}`)));
        return images.every((image) => image.body.status === 'deleted') ? true : null;
      });
    }),
  120_000,
);

test.concurrent(
  'completes an accepted deletion although Redis is emptied while OSS delays it',
  () =>
    withStack(async (stack) => {
      const ids = await Promise.all([1, 2].map(async () => (await upload(stack, picture)).body.id));
      await untilPublished(stack, ids);
      const [late = '', ...others] = ids;
      await addFault(stack, { operation: 'DeleteObject', action: { type: 'delay', ms: 3000 }, count: 1 });
      expect((await ask(stack, `/v1/images/${late}`, { method: 'DELETE' })).status).toBe(202);
      await until('the removal of its first object', 10, async () => {
        const [rule] = await readFaults(stack);
        return rule?.fired === 1 ? true : null;
      });
      stack.redis.cli('FLUSHALL');
      await until('the deletion', 30, async () => {
        const { status, body } = await ask(stack, `/v1/images/${late}`);
        return status === 200 && body.status === 'deleted' ? true : null;
      });
      await untilPublished(stack, others);
    }),
  120_000,
);

test.concurrent(
  'probes a failing OSS with one image at a time, and publishes all once it works',
  () =>
    withStack(async (stack) => {
      await addFault(stack, { operation: 'PutObject', action: error(403, 'AccessDenied') });
      const ids = (await Promise.all(Array.from({ length: 10 }, () => upload(stack, picture)))).map(
        ({ body }) => body.id,
      );
      await until('all images to be held back', 30, async () => {
        const images = await Promise.all(ids.map((id) => ask(stack, `/v1/images/${id}`)));
        return images.every(({ body }) => body.status === 'queued' && body.attempts > 0) ? true : null;
      });
      const puts = async () => (await readFaults(stack))[0]?.fired ?? 0;
      const before = await puts();
      // In this time, each of the ten images alone would retry at least twice.
      await sleep(WATCHED_MS);
      expect((await puts()) - before).toBeLessThanOrEqual(5);
      expect((await ask(stack, '/readyz')).body).toMatchObject({ status: 'ready', storage: 'degraded' });
      await clearFaults(stack);
      await untilPublished(stack, ids);
      expect((await ask(stack, '/readyz')).body).toMatchObject({ storage: 'ok' });
    }),
  150_000,
);

test.concurrent(
  'decodes further images while the puts of earlier ones hang',
  () =>
    withStack(async (stack) => {
      // A slot is freed only if the latest put succeeded.
      expect((await uploadAndWait(stack, picture)).status).toBe('published');
      // More than the slots of one lane.
      const count = 10;
      await addFault(stack, { operation: 'PutObject', count, action: { type: 'hang' } });
      const uploads = await Promise.all(Array.from({ length: count }, () => upload(stack, picture)));
      const ids = uploads.map(({ body }) => body.id);
      // A hanging put is tried again after 30 s.
      await until('all images to be uploading', 25, async () => {
        const images = await Promise.all(ids.map((id) => ask(stack, `/v1/images/${id}`)));
        return images.every(({ body }) => body.stage === 'uploading') ? true : null;
      });
      await untilPublished(stack, ids);
    }),
  150_000,
);

const WATCHED_MS = 6000;

/** A separate stack per test, so that the tests run concurrently: they mostly wait. */
async function withStack(use: (stack: Stack) => Promise<void>, starting = startStack()): Promise<void> {
  const stack = await starting;
  try {
    await use(stack);
    await expectOwned(stack);
  } finally {
    await stack.stop();
  }
}

async function untilPublished(stack: Stack, ids: readonly string[]) {
  const images = await Promise.all(ids.map((id) => untilFinal(stack, id, 100)));
  expect(images.map(({ status }) => status)).toEqual(ids.map(() => 'published'));
  return images;
}
