import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { expect } from 'vitest';
import { ask, until } from '../harness/client.js';
import type { Stack } from '../harness/stack.js';

/** Ids of arriving uploads. */
function arriving({ dataDir }: Stack): Promise<string[]> {
  return readdir(join(dataDir, 'staging', 'incoming'));
}

/** Ids of images whose files are staged. */
export async function staged({ dataDir }: Stack): Promise<string[]> {
  const live = join(dataDir, 'staging', 'live');
  const shards = (await readdir(live)).map((shard) => readdir(join(live, shard)));
  return (await Promise.all(shards)).flat().toSorted();
}

export async function untilArriving(stack: Stack, count: number): Promise<void> {
  await until(`${count} uploads to be arriving`, 20, async () =>
    (await arriving(stack)).length === count ? true : null,
  );
}

/** Checks that refused requests left no file in staging and no image in the list. */
export async function nothingLeft(stack: Stack): Promise<void> {
  await untilArriving(stack, 0);
  expect(await staged(stack)).toEqual([]);
  const list = await ask<{ items: Image[] }>(stack, '/v1/images');
  expect(list.body.items).toEqual([]);
}

/** A field of /proc/<pid>/status in MiB. */
export async function memoryMib(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

/** Bytes with the first bytes of a JPEG, followed by noise that no worker can decode. */
export function jpegLike(bytes: number): Buffer<ArrayBuffer> {
  const content = Buffer.alloc(bytes, 0x5a);
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex').copy(content);
  return content;
}
