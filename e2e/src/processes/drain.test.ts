/* A stop ends in time, even if a request or a put hangs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFault, clearFaults } from '../harness/bucket.js';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { filePart, form, formRequest, openRaw } from '../harness/raw-http.js';
import { clocks, type Stack, startStack } from '../harness/stack.js';

/** Platforms commonly kill a process after this time. */
const PATIENCE_MS = 30_000;

// Concurrent, because both take long.
const stacks: Stack[] = [];
beforeAll(async () => {
  stacks.push(...(await Promise.all([startStack(clocks('drain=3000')), startStack(clocks('drain=3000'))])));
});
afterAll(async () => {
  await Promise.all(stacks.map((stack) => stack.stop()));
});

const reached = (stack: Stack, id: string, wanted: string) =>
  until(`${id} to be ${wanted}`, 20, async () =>
    (await ask(stack, `/v1/images/${id}`)).body.stage === wanted ? true : null,
  );

test.concurrent('stops in time despite an endless upload and a hanging put, and the next worker publishes the image', async () => {
  const [stack] = stacks;
  if (stack === undefined) throw new Error('no stack');
  const bytes = await photo();
  await addFault(stack, { operation: 'PutObject', action: { type: 'hang' } });
  const { id } = (await upload(stack, bytes)).body;
  await reached(stack, id, 'uploading');
  const stuck = await openRaw(stack.api.url);
  await stuck.send(formRequest(form(filePart(bytes))).subarray(0, 5000));
  const dripping = setInterval(() => void stuck.send('x'), 1000);
  const began = performance.now();
  for (const service of [stack.api, stack.worker]) service.kill('SIGTERM');
  const exits = await Promise.all([stack.api.exited, stack.worker.exited]);
  clearInterval(dripping);
  stuck.socket.destroy();
  expect(performance.now() - began).toBeLessThan(PATIENCE_MS);
  // It stopped in order, not by force.
  expect(exits).toEqual([0, 0]);

  await clearFaults(stack);
  await Promise.all([stack.restartApi(), stack.restartWorker()]);
  expect((await untilFinal(stack, id)).status).toBe('published');
});

test.concurrent('stops in time without Redis, too', async () => {
  const [, stack] = stacks;
  if (stack === undefined) throw new Error('no stack');
  const bytes = await photo();
  await addFault(stack, { operation: 'PutObject', action: { type: 'hang' } });
  const { id } = (await upload(stack, bytes)).body;
  await reached(stack, id, 'uploading');
  process.kill(stack.redis.pid(), 'SIGSTOP');
  const began = performance.now();
  stack.worker.kill('SIGTERM');
  await until('the stop to begin', 20, async () =>
    stack.worker.output().includes('"stopping"') ? true : null,
  );
  stack.api.kill('SIGTERM');
  await stack.api.exited;
  expect(await stack.worker.exited).toBe(1);
  expect(performance.now() - began).toBeLessThan(PATIENCE_MS);

  process.kill(stack.redis.pid(), 'SIGCONT');
  await clearFaults(stack);
  await Promise.all([stack.restartApi(), stack.restartWorker()]);
  expect((await untilFinal(stack, id)).status).toBe('published');
});
