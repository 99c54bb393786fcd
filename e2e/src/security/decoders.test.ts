import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { descendants } from '@pixdock/shared/testing/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadAndWait } from '../harness/client.js';
import { openLeaks } from '../harness/leaks.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';

let stack: Stack;
let decoders: number[];
beforeAll(async () => {
  stack = await startStack();
  // The worker has its connections by now.
  expect((await uploadAndWait(stack, await photo(100, 80))).status).toBe('published');
  decoders = descendants(stack.worker.pid).filter((pid) => read(pid, 'cmdline').includes('/image/child'));
  expect(decoders.length).toBeGreaterThan(0);
});
afterAll(() => stack.stop());

const read = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'latin1');

/** The targets of a process's descriptors. */
function opened(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))];
    } catch {
      return [];
    }
  });
}

/** The network connections of a process. */
function connections(pid: number): string[] {
  const inodes = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) =>
    read(pid, `net/${kind}`)
      .split('\n')
      .slice(1)
      .map((line) => `socket:[${line.trim().split(/\s+/)[9]}]`),
  );
  return opened(pid).filter((link) => inodes.includes(link));
}

test('gives a decoder no keys and no paths', () => {
  const leaks = openLeaks(stack.env);
  expect(leaks.inResponse(read(stack.worker.pid, 'environ'))).not.toEqual([]);
  for (const pid of decoders)
    expect(leaks.inResponse(read(pid, 'environ').replace('VIPS_BLOCK_UNTRUSTED=1', ''))).toEqual([]);
});

test('gives a decoder no connections and no files', () => {
  expect(connections(stack.worker.pid)).not.toEqual([]);
  for (const pid of decoders) {
    expect(connections(pid)).toEqual([]);
    expect(opened(pid).filter((link) => link.startsWith('/') && !link.startsWith('/dev/'))).toEqual([]);
  }
});
