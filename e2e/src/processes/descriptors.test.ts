/* A service runs out of file descriptors for a while. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import type { Service } from '../harness/processes.js';
import { type Stack, startStack } from '../harness/stack.js';
import { expectPublished } from '../redis/support.js';

let stack: Stack;
let bytes: Buffer;
beforeAll(async () => {
  stack = await startStack();
  bytes = await photo();
});
afterAll(() => stack.stop());

const descriptors = ({ pid }: Service) =>
  readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
const openFiles = (service: Service) => descriptors(service).length;

/** Without sockets, because a client may keep a connection. */
const ownFiles = (service: Service) =>
  descriptors(service).filter((path) => !targetOf(path).startsWith('socket:')).length;

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function limit({ pid }: Service, files: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`]);
}

async function back(service: Service, before: number): Promise<void> {
  await until('descriptors to be given back', 20, async () =>
    ownFiles(service) <= before + 4 ? true : null,
  );
}

test('refuses or does not accept connections while the API has no descriptors, and publishes accepted images', async () => {
  await ask(stack, '/readyz');
  const before = ownFiles(stack.api);
  limit(stack.api, openFiles(stack.api) + 6);
  const sent = await Promise.allSettled(Array.from({ length: 24 }, () => upload(stack, bytes)));
  const responses = sent.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  expect(responses.filter(({ status }) => status !== 202 && status !== 503)).toEqual([]);
  const accepted = responses.filter(({ status }) => status === 202);
  expect(accepted.length).toBeLessThan(24);
  limit(stack.api, 1024);
  const after = await until('an upload to be accepted', 20, async () => {
    const { status, body } = await upload(stack, bytes);
    return status === 202 ? body.id : null;
  });
  await expectPublished(stack, [...accepted.map(({ body }) => body.id), after]);
  await back(stack.api, before);
});

test('keeps images waiting while a worker has no descriptors, and publishes them later', async () => {
  const before = ownFiles(stack.worker);
  // Below the number of open descriptors, so nothing new can be opened.
  limit(stack.worker, 16);
  const ids = (await Promise.all(Array.from({ length: 4 }, () => upload(stack, bytes)))).map(
    ({ body }) => body.id,
  );
  await until('the worker to notice', 20, async () =>
    stack.worker.output().includes('held back by a fault of this machine') ? true : null,
  );
  limit(stack.worker, 1024);
  const images = await Promise.all(ids.map((id) => untilFinal(stack, id)));
  expect(images.map(({ status }) => status)).toEqual(ids.map(() => 'published'));
  await back(stack.worker, before);
});
