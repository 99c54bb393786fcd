import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openStaging } from '../state/folder-staging/open-staging.js';
import { listen } from './listen.js';
import { dataDirFault, StartFault } from './start-fault.js';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'pixdock-start-fault-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}
function link(): string {
  const path = join(folder(), 'link');
  symlinkSync('/nowhere/disk', path);
  return path;
}
function file(): string {
  const path = join(folder(), 'file');
  writeFileSync(path, '');
  return path;
}

it.each([
  ['a dangling link', link, 'ENOENT', 'mount the disk'],
  ['a folder below a dangling link', () => join(link(), 'data'), 'ENOENT', 'mount the disk'],
  ['a folder that the kernel does not make', () => '/proc/pixdock', 'ENOENT', 'mount the disk'],
  ['a file', file, 'ENOTDIR', 'name a folder, or mount the disk'],
])('names DATA_DIR when it is %s', async (_, at, code, fix) => {
  const dataDir = at();
  const error = await openStaging(dataDir).catch((thrown) => thrown);
  const fault = dataDirFault(error, dataDir);
  expect(fault?.setting).toBe('DATA_DIR');
  expect(fault?.toSettingsError('en').message).toContain(`(${code})\n    fix: ${fix}`);
  expect(fault?.toSettingsError('zh').message).toMatch(/无法使用：.*\n {4}处理方法：请/);
});

it.each([
  ['EACCES', 'permission denied', '没有权限'],
  ['EROFS', 'read-only', '只读'],
  ['ENOSPC', 'no free inodes', 'inode'],
])('explains %s of DATA_DIR', (code, english, chinese) => {
  const error = Object.assign(new Error(code), { code, path: '/data/staging' });
  const fault = dataDirFault(error, '/data');
  expect(fault?.problem.en).toContain(english);
  expect(fault?.problem.zh).toContain(chinese);
  expect(dataDirFault(error, '/dat')).toBeNull();
});

it('names PORT when it is taken, and HOST when it is not an address of this machine', async () => {
  const squatter = createTcpServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as { port: number };
  const start = (host: string, at: number) =>
    listen(createServer(), { host, port: at, setting: 'METRICS_PORT' }).catch((error) => error);
  const taken = await start('127.0.0.1', port);
  squatter.close();
  expect(taken).toBeInstanceOf(StartFault);
  expect(taken.message).toBe(`METRICS_PORT: port ${port} is taken by another program`);
  for (const host of ['192.0.2.1', 'no-such-host.invalid'])
    expect(await start(host, 0)).toMatchObject({
      setting: 'HOST',
      problem: { en: expect.stringContaining(host) },
    });
});
