/* The wall clock of API and worker jumps an hour: durations, holds and the breaker do not go by it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@pixdock/shared/runtime/clock';
import { freePort } from '@pixdock/shared/testing/free-port';
import { afterAll, afterEach, expect, test } from 'vitest';
import { addFault, clearFaults, expectOwned } from '../harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { openShiftedClock } from '../harness/shifted-clock.js';
import { type Stack, startApiOnly, startStack } from '../harness/stack.js';
import { samplesIn, valueOf } from '../monitoring/scrape.js';
import { runOps } from '../ops/support.js';

const HOUR_MS = 3_600_000;

const folder = mkdtempSync(join(tmpdir(), 'pixdock-clock-'));
const clock = openShiftedClock(folder);
const { env } = clock;
afterAll(() => rmSync(folder, { recursive: true }));

let stack: Stack;
afterEach(() => clock.set(0));

test.each([
  ['an hour forward, and back', HOUR_MS, 0],
  ['an hour back', 0, -HOUR_MS],
])('publishes delayed images after a fault of OSS although the clock goes %s', async (_, first, then) => {
  stack = await startStack(env);
  try {
    await addFault(stack, {
      operation: 'PutObject',
      action: { type: 'error', status: 500, code: 'InternalError' },
    });
    // A sweep whose clock is an hour ahead treats an upload in progress as abandoned (docs/reliability.md).
    await until('the first sweep', 20, async () => (stack.worker.output().includes('swept') ? true : null));
    clock.set(first);
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) {
      // A sweep that takes one for abandoned has it refused with a 503.
      const id = await until('an upload to be accepted', 30, async () => {
        const { status, body } = await upload(stack, await photo());
        return status === 202 ? body.id : null;
      });
      ids.push(id);
    }
    await until('all to be held', 30, async () => {
      const all = await Promise.all(ids.map((id) => ask(stack, `/v1/images/${id}`)));
      return all.every(({ body }) => body.status === 'queued' && body.attempts > 0) ? true : null;
    });
    // Longer than the interval of the worker's checks.
    await sleep(3000);
    clock.set(then);
    await clearFaults(stack);
    for (const id of ids) expect(await untilFinal(stack, id, 60)).toMatchObject({ status: 'published' });
    const { body } = await ask<{ storage: string }>(stack, '/readyz');
    expect(body.storage).toBe('ok');
    await expectOwned(stack);
  } finally {
    await stack.stop();
  }
});

test('goes by the clock of Redis on a host that is an hour ahead, and names the host', async () => {
  clock.set(HOUR_MS);
  const [metricsPort, workerPort] = [await freePort(), await freePort()];
  stack = await startApiOnly({
    ...env,
    METRICS_PORT: String(metricsPort),
    WORKER_METRICS_PORT: String(workerPort),
  });
  try {
    await stack.restartWorker({ NODE_OPTIONS: '' });
    const image = await uploadAndWait(stack, await photo());
    expect(image.status).toBe('published');
    for (const at of [image.createdAt, image.finishedAt])
      expect(Math.abs(Date.now() - Date.parse(String(at)))).toBeLessThan(60_000);
    const aheadAt = async (port: number) => {
      const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
      return valueOf(samplesIn(await metrics.text()), 'pixdock_clock_ahead_seconds');
    };
    expect(await aheadAt(metricsPort)).toBeCloseTo(3600, 0);
    expect(await aheadAt(workerPort)).toBeCloseTo(0, 0);
    expect((await runOps(stack, ['status'])).out).toContain(
      `✗ The clock of host ${hostname()} is 60 min ahead of that of Redis`,
    );
  } finally {
    await stack.stop();
  }
});

test.each([
  ['forward', HOUR_MS],
  ['back', -HOUR_MS],
])('waits as long as requested although the clock goes %s', async (_, offMs) => {
  stack = await startApiOnly(env);
  try {
    const started = performance.now();
    const response = upload(stack, await photo(), { headers: { Prefer: 'wait=3' } });
    await sleep(1000);
    clock.set(offMs);
    expect((await response).status).toBe(202);
    const heldMs = performance.now() - started;
    expect(heldMs).toBeGreaterThan(2900);
    expect(heldMs).toBeLessThan(30_000);
  } finally {
    await stack.stop();
  }
});
