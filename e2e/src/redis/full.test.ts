/* Redis has no more memory, or no more disk. */

import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { canMountDisks, mountSmallDisk } from '../harness/small-disk.js';
import { type Stack, startStack } from '../harness/stack.js';
import {
  acceptedOf,
  expectPrompt,
  expectPublished,
  send,
  sendDuring,
  smallPhoto,
  untilResponses,
} from './support.js';

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack.stop());

test('refuses uploads at maxmemory, completes work in progress, and recovers without an operator', async () => {
  const sent = await sendDuring(stack, 'oom', 8, async (during) => {
    await untilResponses(during, 202);
    stack.redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');
    await untilResponses(during, 503);
    await sleep(1000);
    expect(await ask(stack, '/livez')).toMatchObject({ status: 200 });
    expect(await ask(stack, '/readyz')).toMatchObject({
      status: 503,
      body: {
        code: 'queue_unavailable',
        detail: expect.stringMatching(/memory of Redis is full: .* of 1 MiB/),
      },
    });
  });
  expectPrompt(sent);
  const ids = acceptedOf(sent);
  // Reads still work.
  expect((await ask(stack, `/v1/images/${ids[0]}`)).status).toBe(200);
  stack.redis.cli('CONFIG', 'SET', 'maxmemory', '0');
  const after = await until('uploads to be accepted', 20, async () => {
    const { response } = await send(stack, 'after', await smallPhoto());
    return response.status === 202 ? response.body.id : null;
  });
  await expectPublished(stack, [...ids, after]);
});

test.runIf(canMountDisks())(
  'refuses uploads while the disk of Redis is full, and recovers with space',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pixdock-redis-disk-'));
    const disk = mountSmallDisk(folder);
    try {
      stack.redis.cli('CONFIG', 'SET', 'appendonly', 'no');
      stack.redis.cli('CONFIG', 'SET', 'dir', folder);
      stack.redis.cli('CONFIG', 'SET', 'appendonly', 'yes');
      await untilAofWritten();
      const before = await send(stack, 'before', await smallPhoto());
      expect(before.response.status).toBe(202);
      disk.fill();
      const sent = await sendDuring(stack, 'disk', 4, async (during) => {
        await untilResponses(during, 503);
        await sleep(1000);
        const { status, body } = await ask<{ detail: string }>(stack, '/readyz');
        expect([status, body.detail]).toEqual([503, expect.stringContaining('append-only file')]);
      });
      expectPrompt(sent);
      disk.empty();
      const after = await until('uploads to be accepted', 20, async () => {
        const { response } = await send(stack, 'after', await smallPhoto());
        return response.status === 202 ? response.body.id : null;
      });
      await expectPublished(stack, [before.response.body.id, ...acceptedOf(sent), after]);
    } finally {
      await stack.redis.stop();
      disk.unmount();
      rmdirSync(folder);
    }
  },
);

const untilAofWritten = () =>
  until('the AOF to be written', 10, async () =>
    /aof_rewrite_in_progress:0[\s\S]*aof_rewrite_scheduled:0/.test(stack.redis.cli('INFO', 'persistence'))
      ? true
      : null,
  );
