import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../packages/shared/src/testing/free-port.js';
import { killOnExit } from '../packages/shared/src/testing/kill-on-exit.js';
import { allGone, launcherInTest, processesOf, REAL, until } from './testing/run-launcher.mjs';

const at = launcherInTest();
const start = (settings) => at.start(REAL, settings);

test('prints a curl command that uploads the example and returns a URL that serves an image', async () => {
  const run = await start({ REDIS_PREFIX: '{of-this-test}' }).running();
  const curl = run.output.split('\n').filter((line) => line.startsWith('curl '));
  expect(curl).toHaveLength(1);
  const [, console, token] = /^ +Console +(\S+)\/#token=([\w-]{43}) /m.exec(run.output);
  const exchange = () =>
    fetch(`${console}/console/sign-in`, { method: 'POST', body: JSON.stringify({ token }) });
  expect(await (await exchange()).json()).toEqual({ key: /Bearer ([^']+)'/.exec(curl[0])[1] });
  expect((await exchange()).status).toBe(404);
  const { stdout, stderr } = spawnSync('sh', ['-c', curl[0]], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const image = JSON.parse(stdout);
  expect(image).toMatchObject({
    status: 'published',
    receipt: { orientationApplied: 6, gpsRemoved: true },
  });
  const published = await fetch(image.url);
  expect([published.status, published.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  const help = /^ +Ops +(.*) --help$/m.exec(run.output)[1];
  // In another terminal, without the settings of this one.
  const { PATH } = process.env;
  const ops = spawnSync('sh', ['-c', `cd / && ${help} reconcile`], { encoding: 'utf8', env: { PATH } });
  expect([ops.status, ops.stdout, ops.stderr]).toEqual([
    0,
    '',
    expect.stringMatching(/^Checked 1 records, 2 objects/),
  ]);
  const processes = processesOf(run);
  run.child.kill('SIGINT');
  expect(await run.end()).toBe(0);
  expect(run.output).not.toContain('is killed');
  await allGone(processes, 1000);
});

test('leaves no process after kill -9 during an upload', async () => {
  const run = await start().running();
  spawn('sh', ['-c', /^curl .*$/m.exec(run.output)[0]], { stdio: 'ignore' });
  await until(
    () => readFileSync(join(at.dataDir, 'logs/worker.log'), 'utf8').includes('ready'),
    5000,
    'the worker is ready',
  );
  const processes = processesOf(run);
  run.child.kill('SIGKILL');
  await allGone(processes, 20_000);
});

test('prints the API’s error when the port is in use', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address();
  const run = start({ PORT: String(port) });
  expect(await run.end().finally(() => squatter.close())).toBe(78);
  expect(run.output).toContain(`PORT: port ${port} is taken`);
});

test('lists the faults of API and worker together, and the setting that a mistyped name probably means', async () => {
  const faults = {
    PORT: 'many',
    MAX_PIXELS: 'many',
    RETENTION: 'soon',
    REDIS_URL: 'nowhere',
    HOST: '192.0.2.1',
  };
  const run = start({ ...faults, MAX_UPLOD_BYTES: '1MiB' });
  expect(await run.end()).toBe(78);
  expect(run.output).toContain('HOST: "192.0.2.1" is not an address of this machine (EADDRNOTAVAIL)');
  expect(run.output).toContain('MAX_UPLOD_BYTES: is not a setting\n    fix: rename it to MAX_UPLOAD_BYTES');
  const [, list] = run.output.split('Pixdock cannot start with these settings:');
  const named = list.split('\n').filter((line) => /^ {2}[A-Z]/.test(line));
  expect(named.map((line) => line.split(':')[0].trim()).toSorted()).toEqual(
    [...Object.keys(faults), 'MAX_UPLOD_BYTES'].toSorted(),
  );
  const chinese = start({ ...faults, DEFAULT_LANGUAGE: 'zh', ALIYUN_OSS_BUCKET: 'photos' });
  expect(await chinese.end()).toBe(78);
  expect(chinese.output).toContain('已设置 ALIYUN_OSS_BUCKET，但缺少 ALIYUN_OSS_ENDPOINT、');
  expect(chinese.output).toContain('MAX_PIXELS：“many”不是');
});

test('waits for the Redis of REDIS_URL, and says so, before it reports that Pixdock runs', async () => {
  const port = await freePort();
  const run = start({ REDIS_URL: `redis://127.0.0.1:${port}` });
  await until(() => run.output.includes('The Redis of REDIS_URL does not answer'), 60_000, 'it waits');
  expect(run.output).not.toContain('Pixdock is running');
  const options = [
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--maxmemory-policy',
    'noeviction',
  ];
  const redis = killOnExit(
    spawn(process.env.PIXDOCK_REDIS_SERVER ?? 'redis-server', options, { stdio: 'ignore' }),
  );
  onTestFinished(() => redis.kill('SIGKILL'));
  await run.running();
});

test('prints a description for --help and starts nothing', () => {
  const { status, stdout } = spawnSync(process.execPath, [REAL, '--help'], {
    encoding: 'utf8',
    env: { PATH: '' },
  });
  expect(status).toBe(0);
  expect(stdout).toContain('DATA_DIR=.data');
  expect(stdout).not.toContain('Starting');
});
