import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, CHILD, childrenOf, double, eventually, isAlive, openBench } from './testing/bench.js';
import { noise, open, scene } from './testing/pictures.js';

const isRoot = process.getuid?.() === 0;
const WORKER = fileURLToPath(new URL('./testing/parent.mjs', import.meta.url));

let bench: Bench;
afterEach(() => bench.close());

/** Runs a command as a child of a lane is: its numbers, no groups. */
async function asIdentity(identity: number, code: string): Promise<string> {
  const probe = spawn(process.execPath, ['-e', code], {
    uid: identity,
    gid: identity,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
    cwd: '/',
  });
  let said = '';
  probe.stdout?.on('data', (chunk) => {
    said += String(chunk);
  });
  await once(probe, 'close');
  return said;
}

describe.runIf(isRoot)('as root', () => {
  it('a child needs nothing of an installation that is closed to other users', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'pixdock-closed-'));
    await cp(dirname(CHILD), join(closed, 'image'), { recursive: true });
    await symlink(
      fileURLToPath(new URL('../../node_modules', import.meta.url)),
      join(closed, 'node_modules'),
    );
    await writeFile(join(closed, 'package.json'), '{"type":"module"}');
    // Whether a file is read in time is a race, which one opening may win.
    for (let opened = 0; opened < 5; opened++) {
      bench = await openBench({ childPath: join(closed, 'image', basename(CHILD)), lanes: 4 });
      const before = await childrenOf();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await childrenOf()).toEqual(before);
      await bench.close();
    }
    await rm(closed, { recursive: true });
  });

  it('a child has a user of its own, no groups, no environment of ours, and a low priority', async () => {
    const groups = process.getgroups?.() ?? [];
    process.setgroups?.([...groups, 4, 20]);
    bench = await openBench({ lanes: 2 });
    process.setgroups?.(groups);
    const children = await childrenOf();
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
      // Node's own two name the channel.
      const names = environment.split('\0').map((entry) => entry.replace(/=.*/s, ''));
      const ours = names.filter((name) => name !== '' && !name.startsWith('NODE_CHANNEL_'));
      expect(new Set(ours)).toEqual(new Set(['MALLOC_ARENA_MAX', 'VIPS_BLOCK_UNTRUSTED']));
    }
    expect(new Set(users).size).toBe(2);
    expect(users).not.toContain(0);
    await bench.rendered(await open(scene(50, 50)).jpeg().toBuffer());
    for (const child of children)
      for (const thread of await readdir(`/proc/${child}/task`)) {
        const [, line = ''] = (await readFile(`/proc/${child}/task/${thread}/stat`, 'latin1')).split(') ');
        expect(Number(line.split(' ')[16]), `nice of ${line}`).toBe(10);
      }
  });

  it('its user reaches neither staging nor other lanes nor our environment', async () => {
    bench = await openBench();
    const [child = 0] = await childrenOf();
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

  it('its source is readable for it, and not writable', async () => {
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

const NOBODY = 65_534;

it.runIf(isRoot)(
  'a worker that is not root renders all the same, by children that are what it is',
  async () => {
    const { worker, children } = await startWorker(CHILD, await open(scene(60, 40)).png().toBuffer(), NOBODY);
    expect(children.length).toBe(2);
    for (const child of children)
      expect(await readFile(`/proc/${child}/status`, 'latin1')).toMatch(
        new RegExp(`^Uid:\\t${NOBODY}\\t`, 'm'),
      );
    await eventually('it has rendered', async () =>
      (await readdir(join(bench.dir, 'output'))).includes('main.avif'),
    );
    worker.kill('SIGKILL');
    await eventually('no child is left', async () =>
      (await Promise.all(children.map(isAlive))).every((alive) => !alive),
    );
  },
);

/** A worker in a process of its own, to be killed; with a source, it is decoding. */
async function startWorker(
  childPath: string,
  source?: Buffer,
  user?: number,
): Promise<{ worker: ChildProcess; children: number[] }> {
  bench = await openBench({ lanes: 0 });
  const sourcePath = join(bench.staging, 'source');
  const outputDir = join(bench.dir, 'output');
  await mkdir(outputDir);
  if (source !== undefined) await writeFile(sourcePath, source);
  const scratch = join(bench.dir, 'scratch-of-worker');
  await mkdir(scratch);
  if (user !== undefined)
    for (const folder of [bench.dir, bench.staging, sourcePath, outputDir, scratch])
      await chown(folder, user, user);
  const more = source === undefined ? [] : [sourcePath, outputDir];
  const worker = spawn(process.execPath, [WORKER, scratch, childPath, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  await once(worker.stdout ?? worker, 'data');
  return { worker, children: await childrenOf(worker.pid) };
}

describe('when the worker is killed', () => {
  const hard = () => open(noise(700, 700)).png().toBuffer();
  it.each([
    ['idle', CHILD, undefined],
    ['decoding', CHILD, hard],
    ['stuck in their main loop', double('child-busy'), undefined],
  ])('children that are %s go with it', async (what, childPath, source) => {
    const { worker, children } = await startWorker(childPath, await source?.());
    expect(children.length).toBe(2);
    // By then the loop is stuck, or the encoder at work.
    if (what !== 'idle') await new Promise((resolve) => setTimeout(resolve, 700));
    for (const child of children) expect(await isAlive(child)).toBe(true);
    worker.kill('SIGKILL');
    await eventually(
      'no child is left',
      async () => (await Promise.all(children.map(isAlive))).every((alive) => !alive),
      5000,
    );
  });

  it('children that are still being loaded go with it', async () => {
    bench = await openBench({ lanes: 0 });
    // A path of its own tells them from all others, when they have no parent any more.
    const childPath = join(bench.dir, 'child.js');
    await symlink(CHILD, childPath);
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

  it('its folders go at the next start', async () => {
    const { worker } = await startWorker(CHILD);
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
