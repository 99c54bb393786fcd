import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lockDataDir } from './data-lock.mjs';
import { identify, processWorld } from './process-identity.mjs';

let dataDir;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pixdock-lock-'));
  mkdirSync(join(dataDir, 'lock'));
});

afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

function claim(name, facts) {
  const text = JSON.stringify({ held: true, world: processWorld(), ...facts });
  writeFileSync(join(dataDir, 'lock', name), text);
}

test('one holder at a time; released, it is free again', async () => {
  const lock = await lockDataDir(dataDir);
  await expect(lockDataDir(dataDir)).rejects.toThrow(`already runs on ${dataDir} (pid ${process.pid})`);
  lock.release();
  (await lockDataDir(dataDir)).release();
  expect(readdirSync(join(dataDir, 'lock'))).toEqual([]);
});

test('of many that come at once one gets it', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 10 }, () => lockDataDir(dataDir)));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('the lock of a dead process is taken over, after what it left has ended', async () => {
  const { pid } = spawnSync('true');
  claim('dead.json', { pid, birth: '1', guardian: { pid: 7, birth: 'x' } });
  const ended = [];
  const lock = await lockDataDir(dataDir, async (rival) => ended.push(rival.guardian));
  expect(ended).toEqual([{ pid: 7, birth: 'x' }]);
  lock.release();
});

test('a pid that another process has now does not count', async () => {
  claim('recycled.json', { ...identify(process.pid), birth: '1' });
  (await lockDataDir(dataDir)).release();
});

test('a zombie does not count', async () => {
  const shell = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 5'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = Number(await new Promise((resolve) => shell.stdout.once('data', resolve)));
  claim('zombie.json', identify(pid));
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '), 10_000);
  const lock = await lockDataDir(dataDir).finally(() => shell.kill());
  lock.release();
});

test('a claim from another world counts while it is fresh', async () => {
  claim('foreign.json', { pid: 1, birth: '1', world: 'another machine' });
  await expect(lockDataDir(dataDir)).rejects.toThrow('already runs');
  const past = new Date(Date.now() - 60_000);
  utimesSync(join(dataDir, 'lock', 'foreign.json'), past, past);
  (await lockDataDir(dataDir)).release();
});

test('a claim that a crash cut short is nobody’s', async () => {
  writeFileSync(join(dataDir, 'lock', 'cut.json'), '{"held":tr');
  (await lockDataDir(dataDir)).release();
});
