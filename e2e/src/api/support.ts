import { readFile } from 'node:fs/promises';
import type { Image } from '@pixdock/contract/image';
import { expect } from 'vitest';
import { ask, until } from '../harness/client.js';
import { incomingIds, liveIds } from '../harness/leftovers.js';
import type { Stack } from '../harness/stack.js';

export async function untilArriving(stack: Stack, count: number): Promise<void> {
  await until(`${count} uploads to be in progress`, 20, async () =>
    (await incomingIds(stack)).length === count ? true : null,
  );
}

/** Expects that refused requests left no file in staging and no image in the list. */
export async function expectNothingLeft(stack: Stack): Promise<void> {
  await untilArriving(stack, 0);
  expect(await liveIds(stack)).toEqual([]);
  const list = await ask<{ items: Image[] }>(stack, '/v1/images');
  expect(list.body.items).toEqual([]);
}

/** A field of /proc/<pid>/status in MiB. */
export async function memoryMib(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

/** Bytes with the signature of a JPEG, which no worker can decode. */
export function jpegLike(bytes: number): Buffer<ArrayBuffer> {
  const content = Buffer.alloc(bytes, 0x5a);
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex').copy(content);
  return content;
}
