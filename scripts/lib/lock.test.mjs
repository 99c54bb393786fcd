import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announceUse } from './announce.mjs';
import { lockFolder, socketsOf } from './lock.mjs';

const LOCK = new URL('lock.mjs', import.meta.url).href;
let dataDir;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pixdock-lock-'));
});

afterEach(() => {
  for (const path of [...socketsOf(dataDir), dataDir]) rmSync(path, { recursive: true, force: true });
});

/** Takes the lock in another process, runs `then` in it and kills it. Its children stay alive. */
function lockAndDie(then = '') {
  const script = `const { lockFolder } = await import(${JSON.stringify(LOCK)});
    const { spawn } = await import('node:child_process');
    const lock = await lockFolder(${JSON.stringify(dataDir)});
    ${then}
    process.kill(process.pid, 'SIGKILL');`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
}

test('has one holder at a time, is free after the release, and leaves no file', async () => {
  const lock = await lockFolder(dataDir);
  expect(statSync(lock.path).mode & 0o777).toBe(0o600);
  await expect(lockFolder(dataDir)).rejects.toThrow(`already runs on ${dataDir} (pid ${process.pid})`);
  lock.release();
  (await lockFolder(dataDir)).release();
  expect(socketsOf(dataDir)).toEqual([]);
});

test('has one winner among many concurrent requests', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(dataDir)));
  const won = tries.filter(({ status }) => status === 'fulfilled');
  expect(won).toHaveLength(1);
  won[0].value.release();
});

test('has one winner among many processes that find a dead holder', async () => {
  lockAndDie();
  const script = `const { lockFolder } = await import(${JSON.stringify(LOCK)});
    await lockFolder(${JSON.stringify(dataDir)});
    console.log('won');
    setInterval(() => {}, 1000);`;
  const rivals = [1, 2, 3, 4].map(() => spawn(process.execPath, ['--input-type=module', '-e', script]));
  const outcomes = await Promise.all(
    rivals.map(
      (rival) =>
        new Promise((resolve) => {
          rival.stdout.once('data', () => resolve('won'));
          rival.once('exit', () => resolve('refused'));
        }),
    ),
  );
  for (const rival of rivals) rival.kill('SIGKILL');
  expect(outcomes.toSorted((a, b) => a.localeCompare(b))).toEqual(['refused', 'refused', 'refused', 'won']);
});

test('is free as soon as its holder is dead, and leaves no file', async () => {
  expect(lockAndDie().signal).toBe('SIGKILL');
  (await lockFolder(dataDir)).release();
  expect(socketsOf(dataDir)).toEqual([]);
});

test('reports a socket that it cannot ask', async () => {
  const lock = await lockFolder(dataDir);
  lock.release();
  symlinkSync(lock.path, lock.path);
  await expect(lockFolder(dataDir)).rejects.toThrow('ELOOP');
  expect(socketsOf(dataDir)).toEqual([lock.path]);
});

test('is held by a child of a dead holder until the child exits', async () => {
  const child = `const child = spawn('sleep', ['600'], { detached: true, stdio: ['ignore', 'ignore', 'ignore', lock.fd] });
    console.log(child.pid);`;
  const pid = Number(lockAndDie(child).stdout);
  let isHeld = true;
  const next = lockFolder(dataDir).finally(() => {
    expect(isHeld).toBe(false);
  });
  // The kernel accepts the first connection long before this sleep ends.
  await new Promise((resolve) => setTimeout(resolve, 300));
  isHeld = false;
  process.kill(pid, 'SIGKILL');
  (await next).release();
});

test('respects the announcement of another machine while it is recent', () => {
  const foreign = join(dataDir, `lock-${'0'.repeat(16)}`);
  writeFileSync(foreign, 'pid 1, another-machine');
  expect(() => announceUse(dataDir)).toThrow(`already runs on ${dataDir} (pid 1, another-machine)`);
  const past = new Date(Date.now() - 60_000);
  utimesSync(foreign, past, past);
  announceUse(dataDir)();
  expect(readdirSync(dataDir)).toEqual([]);
});

test('refuses a second machine that shares the disk', () => {
  const withdraw = announceUse(dataDir, 'machine a');
  expect(() => announceUse(dataDir, 'machine b')).toThrow('already runs');
  withdraw();
  announceUse(dataDir, 'machine b')();
});
