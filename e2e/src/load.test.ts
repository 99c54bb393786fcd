import { descendants, isAlive } from '@pixdock/shared/testing/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from './harness/bucket.js';
import { ask, until, untilFinal, upload } from './harness/client.js';
import { staged } from './harness/leftovers.js';
import { photo } from './harness/pictures.js';
import { type Stack, startStack } from './harness/stack.js';

const UPLOADS = 100;
const IN_FLIGHT = 16;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({}, { asInProduction: true });
});

test('publishes 100 uploads, 16 at a time, and leaves no staged file, orphan object or orphan process', async () => {
  const bytes = await photo(320, 240);
  const ids: string[] = [];
  let started = 0;
  const lane = async () => {
    while (started++ < UPLOADS) {
      const { status, body } = await upload(stack, bytes);
      expect(status).toBe(202);
      ids.push(body.id);
      await untilFinal(stack, body.id, 120);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  expect(new Set(ids).size).toBe(UPLOADS);
  const images = await Promise.all(ids.map(async (id) => (await ask(stack, `/v1/images/${id}`)).body));
  expect(images.filter(({ status }) => status === 'published')).toHaveLength(UPLOADS);
  await until('staging to be empty', 20, async () => ((await staged(stack)).length === 0 ? true : null));
  const keys = images.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key));
  expect((await listKeys(stack)).toSorted()).toEqual(keys.toSorted());
});

afterAll(async () => {
  const decoders = descendants(stack.worker.pid);
  expect(decoders.length).toBeGreaterThan(0);
  await stack.stop();
  expect(decoders.filter(isAlive)).toEqual([]);
});
