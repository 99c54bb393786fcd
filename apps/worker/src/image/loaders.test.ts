import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { ImageFormat } from '@pixdock/contract/media-type';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_LIMITS } from './default-limits.js';
import { CHANNEL_FD, type Setup } from './protocol.js';
import { double } from './testing/bench.js';
import { open, scene } from './testing/pictures.js';

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>';

let folder: string;
const files: Record<string, string> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-loaders-'));
  const picture = open(scene(40, 30));
  const contents: Record<string, Buffer> = {
    jpeg: await picture.clone().jpeg().toBuffer(),
    png: await picture.clone().png().toBuffer(),
    webp: await picture.clone().webp().toBuffer(),
    gif: await picture.clone().gif().toBuffer(),
    heif: await picture.clone().avif({ effort: 0 }).toBuffer(),
    tiff: await picture.clone().tiff().toBuffer(),
    svg: Buffer.from(SVG),
  };
  for (const [name, content] of Object.entries(contents)) {
    files[name] = join(folder, name);
    await writeFile(join(folder, name), content);
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** Formats that a child set up for `formats` can open, without the signature check. */
async function opened(formats: readonly ImageFormat[]): Promise<string[]> {
  const child = spawn(process.execPath, [double('child-probe'), String(process.pid)], {
    env: {},
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const labels = { isKept: true, propagator: null };
  const setup: Setup = {
    type: 'setup',
    folder,
    identity: null,
    limits: { ...DEFAULT_LIMITS, formats },
    labels,
  };
  const channel = child.stdio[CHANNEL_FD] as Duplex;
  channel.write(`${JSON.stringify(setup)}\n`);
  const [ready] = await once(channel, 'data');
  expect(JSON.parse(String(ready))).toEqual({ type: 'ready', droppedRoot: false });
  const found: string[] = [];
  for (const [name, path] of Object.entries(files)) {
    child.send({ type: 'probe', path });
    const { format } = await nextOf(child, 'probed');
    expect([name, 'no loader']).toContain(format);
    if (format === name) found.push(name);
  }
  return found;
}

async function nextOf(child: ChildProcess, type: string): Promise<{ type: string; format?: string }> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the child ended: ${code ?? signal}`);
  });
  for (;;) {
    const [message] = await Promise.race([once(child, 'message'), ended]);
    if (message.type === type) return message;
  }
}

it('has loaders only for the accepted formats', async () => {
  expect(await opened(DEFAULT_LIMITS.formats)).toEqual(['jpeg', 'png', 'webp', 'gif', 'heif']);
});

it('always has a loader for PNG, the intermediate format of wide-gamut images', async () => {
  expect(await opened(['jpeg'])).toEqual(['jpeg', 'png']);
  expect(await opened(['tiff'])).toEqual(['png', 'tiff']);
});
