import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEIC_SAMPLE } from '@pixdock/shared/runtime/heic-decoder';
import { isAlive } from '@pixdock/shared/testing/processes';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './default-limits.js';
import { type Bench, eventually, openBench } from './testing/bench.js';
import { plain } from './testing/pictures.js';

/* What HEIC_DECODER may do to its decoder. The commands are scripts, so no HEVC is decoded here: e2e/src/heic does that. */

let bench: Bench;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-commands-'));
  await chmod(folder, 0o777);
});
afterEach(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a bench whose decoder is a shell script. `$OUT` is its output, and `$HERE` a folder that it can write. */
async function openWith(script: string): Promise<void> {
  const command = join(folder, 'command');
  await writeFile(command, `#!/bin/sh\nHERE=${folder}\nOUT=$4\n${script}\n`, { mode: 0o755 });
  await openFor(command);
}
async function openFor(heicDecoder: string): Promise<void> {
  bench = await openBench({ limits: { ...DEFAULT_LIMITS, formats: ['heic'], heicDecoder } });
}

it('is not accepted without a decoder', async () => {
  bench = await openBench();
  expect(await bench.refusal(HEIC_SAMPLE)).toBe('heic_unsupported');
});

it('publishes the pixels that the command writes', async () => {
  await writeFile(join(folder, 'red.png'), await plain(16, 16, '#ff0000').png().toBuffer());
  await openWith('cp $HERE/red.png $OUT');
  const { variants, placeholder } = await bench.rendered(HEIC_SAMPLE);
  expect(variants['main']).toMatchObject({ format: 'jpeg', width: 16, height: 16 });
  expect(placeholder.color).toMatch(/^#f[c-f]0[0-3]0[0-3]$/);
});

it.each([
  ['fails', 'exit 1', 'image_corrupt'],
  ['crashes', 'kill -SEGV $$', 'image_corrupt'],
  ['writes nothing', 'exit 0', 'image_corrupt'],
  ['writes another size', 'cp $HERE/other.png $OUT', 'image_corrupt'],
  ['writes no PNG', 'echo text > $OUT', 'image_corrupt'],
  ['lacks memory', 'echo "Memory allocation error: too large" >&2; exit 1', 'image_too_complex'],
  ['writes without an end', 'exec cat /dev/zero > $OUT', 'image_too_complex'],
])('refuses an image for which the command %s', async (_, script, code) => {
  await writeFile(join(folder, 'other.png'), await plain(15, 16, 'red').png().toBuffer());
  await openWith(script);
  expect(await bench.refusal(HEIC_SAMPLE)).toBe(code);
});

it.each(['INT', 'TERM', 'KILL'])(
  'fails no image whose command is ended from outside by SIG%s',
  async (signal) => {
    await openWith(`kill -${signal} $$`);
    await expect(bench.render(HEIC_SAMPLE)).rejects.toThrow('HEIC_DECODER');
  },
);

it('ends processes that the command leaves behind, and does not wait for them', async () => {
  await openWith('sleep 1000 & echo $! > $HERE/pid; exit 1');
  expect(await bench.refusal(HEIC_SAMPLE)).toBe('image_corrupt');
  const left = Number(await readFile(join(folder, 'pid'), 'utf8'));
  await eventually('the process has ended', () => !isAlive(left));
});

it('waits for the operator if the command is missing', async () => {
  await openFor(join(folder, 'missing'));
  await expect(bench.render(HEIC_SAMPLE)).rejects.toMatchObject({ code: 'EACCES' });
});

it('runs the command with limits, an empty environment and the rights of its decoder', async () => {
  await openWith(
    'cat /proc/self/limits > $HERE/limits; env > $HERE/env; cat /proc/self/status > $HERE/status; ls -l /proc/self/fd > $HERE/fds',
  );
  await bench.refusal(HEIC_SAMPLE);
  const limits = await readFile(join(folder, 'limits'), 'utf8');
  const limit = (name: string) => new RegExp(`^${name} +(\\d+) +\\1 `, 'm').exec(limits)?.[1];
  expect(limit('Max address space')).toBe(String(1.5 * 1024 ** 3));
  expect(limits).toMatch(/^Max cpu time +11 +12 /m);
  expect(limit('Max core file size')).toBe('0');
  expect(Number(limit('Max file size'))).toBeLessThan(34 * 1024 ** 2);
  const names = (await readFile(join(folder, 'env'), 'utf8')).match(/^\w+(?==)/gm);
  expect(names?.filter((name) => !['PWD', '_', 'SHLVL', 'OLDPWD'].includes(name)).toSorted()).toEqual([
    'MALLOC_ARENA_MAX',
    'PATH',
  ]);
  const status = await readFile(join(folder, 'status'), 'utf8');
  if (process.getuid?.() === 0) expect(status).toMatch(/^Uid:\t58000\t/m);
  // Not the channel between decoder and worker: 3 is the folder that ls reads.
  expect(await readFile(join(folder, 'fds'), 'utf8')).toMatch(/ 3 -> \/proc\//);
});

it('ends the command with its decoder', async () => {
  await openWith('echo $$ > $HERE/pid; exec sleep 1000');
  const controller = new AbortController();
  const rendering = bench.render(HEIC_SAMPLE, { signal: controller.signal });
  await eventually('the command runs', () => existsSync(join(folder, 'pid')));
  const pid = async () => Number(await readFile(join(folder, 'pid'), 'utf8'));
  await eventually('it has said its number', async () => (await pid()) > 0);
  controller.abort(new Error('enough'));
  await expect(rendering).rejects.toThrow('enough');
  const command = await pid();
  await eventually('the command has ended', () => !isAlive(command));
});
