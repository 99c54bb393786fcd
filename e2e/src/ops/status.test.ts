import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { runOps } from './support.js';

const MAIN = fileURLToPath(new URL('../../../apps/ops/dist/main.js', import.meta.url));

let stack: Stack;
let broken: string;
beforeAll(async () => {
  stack = await startApiOnly();
  broken = (await upload(stack, (await photo(64, 48)).subarray(0, -200))).body.id;
});
afterAll(() => stack.stop());

test('says that images wait for a worker, and what to do', async () => {
  const { exit, out } = await runOps(stack, ['status']);
  expect(exit).toBe(1);
  expect(out).toContain('Not healthy: 1 problem.\n✗ No worker has reported');
  expect(out).toContain('\n  fix: Start a worker.');
  expect((await ask(stack, '/readyz')).body).toMatchObject({ status: 'ready', processing: 'no_worker' });
  expect(out).toMatch(/^Queue {6}images: 1 waiting, oldest \d+ s, 0 in progress, 0 later$/m);
  expect(out).toContain(`API        ready at ${stack.api.url}\n`);
  const chinese = await runOps(stack, ['status'], { LANG: 'zh_CN.UTF-8' });
  expect(chinese.out).toContain('运行异常：1 个问题。\n✗ 最近 20 秒没有 worker 上报');
});

test('is not ready while Redis is a replica, which refuses writes', async () => {
  stack.redis.cli('REPLICAOF', '127.0.0.1', '1');
  const refused = await ask(stack, '/readyz');
  stack.redis.cli('REPLICAOF', 'NO', 'ONE');
  const detail = expect.stringContaining('a replica');
  expect(refused).toMatchObject({ status: 503, body: { code: 'queue_unavailable', detail } });
  expect((await ask(stack, '/readyz')).status).toBe(200);
});

test('is content once a worker runs, and lists what failed', async () => {
  await stack.restartWorker();
  await untilFinal(stack, broken);
  const { out } = await until('the service to be healthy', 30, async () => {
    const found = await runOps(stack, ['status', '--json']);
    return found.exit === 0 && found.out.includes('"failed"') ? found : null;
  });
  expect(JSON.parse(out)).toMatchObject({
    healthy: true,
    problems: [],
    api: { readiness: 'ready' },
    redis: {
      state: { workers: 1, storageTrouble: null },
      outcomes: [{ status: 'failed', code: 'image_truncated', count: 1 }],
    },
    staging: { byUse: { images: expect.any(Number), outcomes: expect.any(Number) } },
  });
});

test('watches until it is interrupted', async () => {
  const child = killOnExit(
    spawn(process.execPath, [MAIN, 'status', '--watch'], {
      cwd: stack.dataDir,
      env: { PATH: process.env.PATH ?? '', ...stack.env },
    }),
  );
  const closed = once(child, 'close');
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
    // A second signal would end it at once.
    if (out.split('Healthy.').length > 2 && !child.killed) child.kill('SIGINT');
  });
  expect(await closed).toEqual([0, null]);
  expect(out.match(/^Healthy\.$/gm)?.length).toBeGreaterThan(1);
});

test('says that Redis is away, and that an API at a given address does not respond', async () => {
  await stack.redis.crash();
  const away = await runOps(stack, ['status', '--api', 'http://127.0.0.1:1']);
  expect(away.exit).toBe(1);
  expect(away.out).toContain('✗ Redis is not available: ');
  expect(away.out).toContain('✗ The API at http://127.0.0.1:1 does not respond\n');
  await stack.redis.restart();
});

test('cannot run with wrong settings', async () => {
  const { exit, err } = await runOps(stack, ['status'], { STAGING_MAX_BYTES: 'much' });
  expect(exit).toBe(78);
  expect(err).toContain('STAGING_MAX_BYTES');
});
