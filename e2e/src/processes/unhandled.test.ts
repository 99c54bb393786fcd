/* An unhandled fault ends a service with an error; the next process completes the accepted work. */
import { fileURLToPath } from 'node:url';
import { descendants, isAlive } from '@pixdock/shared/testing/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until, untilServed } from '../harness/client.js';
import { type Stack, startStack } from '../harness/stack.js';
import { expectPublished, send, smallPhoto } from '../redis/support.js';

const PLANTED = `--import=${fileURLToPath(new URL('fault-on-signal.mjs', import.meta.url))}`;
const ids: string[] = [];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await Promise.all([stack.api.stop(), stack.worker.stop()]);
});
afterAll(() => stack.stop());

test.each(['exception', 'rejection'])('ends with an error after an unhandled %s', async (FAULT) => {
  const env = { NODE_OPTIONS: PLANTED, FAULT };
  await Promise.all([stack.restartApi(env), stack.restartWorker(env)]);
  for (let i = 0; i < 4; i++) {
    const photo = await smallPhoto();
    // The restore of the first process may not have ended when it was stopped.
    const { status, body } = await untilServed(async () => {
      const { response } = await send(stack, `${FAULT}-${i}`, photo);
      return response;
    });
    expect(status).toBe(202);
    ids.push(body.id);
  }
  const decoders = descendants(stack.worker.pid);
  expect(decoders).not.toEqual([]);
  for (const service of [stack.api, stack.worker]) {
    service.kill('SIGUSR2');
    expect(await service.exited).toBe(1);
    const faults = service
      .output()
      .split('\n')
      .filter((line) => line.includes('a planted fault'));
    expect(faults.map((line) => JSON.parse(line))).toMatchObject([{ level: 60, msg: 'unhandled fault' }]);
  }
  await until('the decoders to be gone', 20, async () => (decoders.some(isAlive) ? null : true));
});

test('publishes all accepted images with the next process', async () => {
  await Promise.all([stack.restartApi(), stack.restartWorker()]);
  await expectPublished(stack, ids);
});
