import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog } from '@pixdock/shared/runtime/log';
import { childrenOf, isAlive } from '@pixdock/shared/testing/processes';
import { afterEach, describe, expect, it } from 'vitest';
import { makeLaneFolder, removeLaneFolder } from './lane-folder.js';
import { type Bench, COMPILED_CHILD, double, eventually, openBench } from './testing/bench.js';
import { noise, open, scene } from './testing/pictures.js';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const WORKER = fileURLToPath(new URL('./testing/parent.mjs', import.meta.url));

let bench: Bench;
afterEach(() => bench.close());

/** Runs code with a child's user and group, without other groups. */
async function asIdentity(identity: number, code: string): Promise<string> {
  const probe = spawn(process.execPath, ['-e', code], {
    uid: identity,
    gid: identity,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
    cwd: '/',
  });
  let output = '';
  probe.stdout?.on('data', (chunk) => {
    output += String(chunk);
  });
  await once(probe, 'close');
  return output;
}

describe.runIf(isRoot)('as root', () => {
  it('starts children from an installation that other users cannot read', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'pixdock-closed-'));
    await cp(dirname(COMPILED_CHILD), join(closed, 'image'), { recursive: true });
    await symlink(
      fileURLToPath(new URL('../../node_modules', import.meta.url)),
      join(closed, 'node_modules'),
    );
    await writeFile(join(closed, 'package.json'), '{"type":"module"}');
    // The child races to load its files before it changes its user, so one run proves nothing.
    for (let opened = 0; opened < 3; opened++) {
      bench = await openBench({ childPath: join(closed, 'image', basename(COMPILED_CHILD)), lanes: 4 });
      const before = childrenOf();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(childrenOf()).toEqual(before);
      await bench.close();
    }
    await rm(closed, { recursive: true });
  });

  it('gives each child its user, no groups and an empty environment', async () => {
    const groups = process.getgroups?.() ?? [];
    process.setgroups?.([...groups, 4, 20]);
    bench = await openBench({ lanes: 2 });
    process.setgroups?.(groups);
    const children = childrenOf();
    const users = [];
    for (const child of children) {
      const status = await readFile(`/proc/${child}/status`, 'latin1');
      const line = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();
      const [user = ''] = line('Uid')?.split('\t') ?? [];
      expect(line('Uid')).toBe([user, user, user, user].join('\t'));
      expect(line('Gid')).toBe([user, user, user, user].join('\t'));
      expect(line('Groups')).toBe('');
      expect(line('CapEff')).toBe('0000000000000000');
      users.push(Number(user));
      const environment = await readFile(`/proc/${child}/environ`, 'latin1');
      // Node sets two variables for its channel.
      const names = environment.split('\0').map((entry) => entry.replace(/=.*/s, ''));
      const ours = names.filter((name) => name !== '' && !name.startsWith('NODE_CHANNEL_'));
      expect(new Set(ours)).toEqual(new Set(['MALLOC_ARENA_MAX', 'VIPS_BLOCK_UNTRUSTED']));
    }
    expect(new Set(users).size).toBe(2);
    expect(users).not.toContain(0);
  });

  it('denies the child’s user access to staging, other lanes and the worker’s environment', async () => {
    bench = await openBench();
    const [child = 0] = childrenOf();
    const identity = (await stat(`/proc/${child}/task`)).uid || 58_000;
    const secret = join(bench.staging, 'secret');
    await writeFile(secret, 'S3CRET', { mode: 0o644 });
    const paths = [
      secret,
      bench.staging,
      bench.scratchDir,
      `/proc/${process.pid}/environ`,
      `/proc/${process.pid}/mem`,
    ];
    const code = `for (const path of ${JSON.stringify(paths)}) try { require('fs').accessSync(path, 4); console.log('reads', path) } catch ({ code }) { console.log(code) }`;
    expect(await asIdentity(identity, code)).toBe('EACCES\n'.repeat(paths.length));
  });

  it('removes a folder with the rights of the child’s user', async () => {
    bench = await openBench({ lanes: 0 });
    const folder = await makeLaneFolder(bench.scratchDir, NOBODY);
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    for (const own of ['a', 'a/b']) await chown(join(folder, own), NOBODY, NOBODY);
    await writeFile(join(folder, 'a', 'b', 'file'), '');
    const foreign = join(folder, 'foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'file'), '');
    const log = createLog('test', { level: 'silent' });
    await removeLaneFolder(folder, log);
    expect(await readdir(foreign)).toEqual(['file']);
    await rm(foreign, { recursive: true });
    await removeLaneFolder(folder, log);
    expect(await readdir(bench.scratchDir)).toEqual([]);
  });

  it('makes the source readable but not writable for the child', async () => {
    bench = await openBench();
    const source = await open(scene(50, 50)).png().toBuffer();
    const path = join(bench.staging, 'given');
    await writeFile(path, source, { mode: 0o600 });
    expect((await bench.render(path)).outcome).toBe('rendered');
    const { uid, mode } = await stat(path);
    expect([uid, mode & 0o022]).toEqual([0, 0]);
    expect(await readFile(path)).toEqual(source);
  });
});

it.runIf(isRoot)('renders without root, with children that run as the worker’s user', async () => {
  const { worker, children } = await startWorker(
    COMPILED_CHILD,
    await open(scene(60, 40)).png().toBuffer(),
    NOBODY,
  );
  let printed = '';
  worker.stdout?.on('data', (text) => {
    printed += String(text);
  });
  expect(children.length).toBe(2);
  for (const child of children)
    expect(await readFile(`/proc/${child}/status`, 'latin1')).toMatch(
      new RegExp(`^Uid:\\t${NOBODY}\\t`, 'm'),
    );
  await eventually('the image is rendered', async () => printed.includes('rendered'));
  worker.kill('SIGKILL');
  await eventually('no child is left', async () => !children.some(isAlive));
});

/** Starts a worker process for a test to kill. With a source, it is decoding. */
async function startWorker(
  childPath: string,
  source?: Buffer,
  user?: number,
): Promise<{ worker: ChildProcess; children: number[] }> {
  bench = await openBench({ lanes: 0 });
  const sourcePath = join(bench.staging, 'source');
  if (source !== undefined) await writeFile(sourcePath, source);
  const scratch = join(bench.dir, 'scratch-of-worker');
  await mkdir(scratch);
  if (user !== undefined)
    for (const folder of [bench.dir, bench.staging, sourcePath, scratch]) await chown(folder, user, user);
  const more = source === undefined ? [] : [sourcePath];
  const worker = spawn(process.execPath, [WORKER, scratch, childPath, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  await once(worker.stdout ?? worker, 'data');
  return { worker, children: childrenOf(worker.pid) };
}

describe('killing the worker', () => {
  const hard = () => open(noise(700, 700)).png().toBuffer();
  it.each([
    ['idle', COMPILED_CHILD, undefined],
    ['decoding', COMPILED_CHILD, hard],
    ['blocked in their event loop', double('child-busy'), undefined],
  ])('ends children that are %s', async (what, childPath, source) => {
    const { worker, children } = await startWorker(childPath, await source?.());
    expect(children.length).toBe(2);
    // After this time, the loop is blocked or the encoder is working.
    if (what !== 'idle') await new Promise((resolve) => setTimeout(resolve, 700));
    for (const child of children) expect(isAlive(child)).toBe(true);
    worker.kill('SIGKILL');
    await eventually('no child is left', () => !children.some(isAlive), 5000);
  });

  it('ends children that are still loading', async () => {
    bench = await openBench({ lanes: 0 });
    // A unique path identifies the children after their parent has exited.
    const childPath = join(bench.dir, 'child.js');
    await symlink(COMPILED_CHILD, childPath);
    const commands = async () => {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => ''));
      return (await Promise.all(lines)).filter((line) => line.split('\0')[1] === childPath).length;
    };
    for (const afterMs of [20, 40, 60, 80, 110, 150, 200]) {
      const worker = spawn(
        process.execPath,
        [WORKER, bench.scratchDir, childPath, 'hasty', String(afterMs)],
        { stdio: 'inherit' },
      );
      await once(worker, 'exit');
      await eventually('no child is left', async () => (await commands()) === 0, 5000);
    }
  });

  it('removes its folders at the next start', async () => {
    const { worker } = await startWorker(COMPILED_CHILD);
    const scratch = join(bench.dir, 'scratch-of-worker');
    expect((await readdir(scratch)).length).toBe(2);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const next = await openBench({ scratchDir: scratch });
    expect((await readdir(scratch)).length).toBe(1);
    await next.close();
    expect(await readdir(scratch)).toEqual([]);
  });
});
