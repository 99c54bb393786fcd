import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QUEUE_NAMES } from '@pixdock/shared/queue/jobs';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readText } from '../documents/checkout.js';
import { until, upload } from '../harness/client.js';
import { endProcess } from '../harness/end-process.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startApiOnly } from '../harness/stack.js';

/** The script of the section about queue boards. */
function scriptOf(page: string): string {
  const section =
    readText(page)
      .split(/^## /m)
      .find((text) => text.includes('@bull-board')) ?? '';
  return /^```js\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? '';
}

let stack: Stack;
let folder: string;
let url: string;
let board: ReturnType<typeof spawn>;
beforeAll(async () => {
  stack = await startApiOnly();
  folder = await mkdtemp(join(tmpdir(), 'pixdock-board-'));
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
  await writeFile(join(folder, 'board.mjs'), scriptOf('docs/operations.md'));
  const port = String(await freePort());
  url = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env.PATH ?? '', REDIS_URL: stack.redis.url, BOARD_PORT: port };
  board = killOnExit(spawn(process.execPath, ['board.mjs'], { cwd: folder, env, stdio: 'inherit' }));
  await until('the board to listen', 60, async () => ((await fetch(url)).ok ? true : null));
});
afterAll(async () => {
  await endProcess(board, 10_000);
  await rm(folder, { recursive: true });
  await stack.stop();
});

it('is the same script in both languages', () => {
  expect(scriptOf('docs/operations.zh-CN.md')).toBe(scriptOf('docs/operations.md'));
});

interface Board {
  queues: { name: string; readOnlyMode: boolean; counts: Record<string, number> }[];
}

it('shows every queue, without a font of another host', async () => {
  const { id } = (await upload(stack, await photo(64, 48))).body;
  const { queues } = (await (await fetch(`${url}/api/queues`)).json()) as Board;
  expect(queues.map(({ name }) => name).toSorted()).toEqual([...QUEUE_NAMES].toSorted());
  expect(queues.filter(({ readOnlyMode }) => !readOnlyMode)).toEqual([]);
  expect(queues.find(({ name }) => name === 'images')?.counts).toMatchObject({ prioritized: 1 });
  const page = await fetch(url);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(await (await fetch(`${url}/api/queues/images/${id}-1`)).text()).toContain(id);
});

it('changes no job and no queue', async () => {
  const changes = [
    ['retry/failed', 'PUT'],
    ['clean/prioritized', 'PUT'],
    ['pause', 'PUT'],
    ['empty', 'PUT'],
    ['obliterate', 'PUT'],
    ['promote', 'PUT'],
  ];
  for (const [action, method] of changes) {
    const { status } = await fetch(`${url}/api/queues/images/${action}`, { method: method ?? '' });
    expect([action, status]).toEqual([action, 405]);
  }
  expect(stack.redis.cli('zcard', '{pixdock}:queue:images:prioritized')).toBe('1');
});
