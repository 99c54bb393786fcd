import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { socketsOf } from './lib/lock.mjs';
import { ask } from './lib/private-redis.mjs';
import { allGone, launcherInTest, pidOf, processesOf, STUBS, until, urlOf } from './testing/run-launcher.mjs';

// The real launcher with a stub API and a stub worker.
const at = launcherInTest();
const start = (settings) => at.start(STUBS, settings);

const keyOf = (run) => /Key +(\S+)/.exec(run.output)[1];
const settingsOf = async (run) => (await (await fetch(urlOf(run))).json()).settings;

test('prints the services, passes on the settings, and keeps key and OSS port for the next start', async () => {
  const first = await start().running();
  const settings = await settingsOf(first);
  expect(first.output).toContain('api     WARN  a warning of the stub');
  expect(first.output).not.toContain('hidden from the terminal');
  expect(settings).toMatchObject({
    DATA_DIR: at.dataDir,
    ALIYUN_OSS_ADDRESSING: 'path',
  });
  expect(keyOf(first)).toMatch(/^pxd_[\w-]{43}$/);
  expect(settings).not.toHaveProperty('API_KEYS');
  expect(settings.METADATA_KEY).toBe(`@${join(at.dataDir, 'metadata-key')}`);
  const { keys } = JSON.parse(readFileSync(join(at.dataDir, 'keys.json'), 'utf8'));
  const hash = createHash('sha256').update(keyOf(first)).digest('hex');
  expect(keys).toMatchObject([
    { owner: 'local', hash, scopes: ['submit', 'read', 'delete', 'webhooks', 'review', 'admin'] },
  ]);
  for (const name of ['api-key', 'keys.json', 'metadata-key', 'redis/redis.conf'])
    expect(statSync(join(at.dataDir, name)).mode & 0o777).toBe(0o600);
  first.child.kill('SIGTERM');
  expect(await first.end()).toBe(0);
  const second = await start().running();
  expect(keyOf(second)).toBe(keyOf(first));
  expect((await settingsOf(second)).ALIYUN_OSS_FILE_DOMAIN).toBe(settings.ALIYUN_OSS_FILE_DOMAIN);
});

test('stops everything on Ctrl-C, Redis last', async () => {
  const run = await start({ STUB_DRAIN_MS: '1500' }).running();
  const processes = processesOf(run);
  const { REDIS_URL } = await settingsOf(run);
  run.child.kill('SIGINT');
  run.child.kill('SIGINT');
  await untilDraining();
  expect(await pings(REDIS_URL)).toBe('+PONG');
  expect(await run.end()).toBe(0);
  await allGone(processes, 10_000);
  expect(readFileSync(join(at.dataDir, 'logs/worker.log'), 'utf8')).toContain('drained');
  expect(readFileSync(join(at.dataDir, 'logs/redis.log'), 'utf8')).toContain('ready to exit');
});

test('stops without waiting on a second Ctrl-C', async () => {
  const run = await start({ STUB_DRAIN_MS: 'hang' }).running();
  const processes = processesOf(run);
  run.child.kill('SIGINT');
  setTimeout(() => run.child.kill('SIGINT'), 1000);
  await run.end();
  await allGone(processes, 10_000);
});

test('stops while it waits for the Redis of REDIS_URL', async () => {
  const run = start({ REDIS_URL: 'redis://127.0.0.1:1', STUB_UNREADY: '1' });
  await until(() => run.output.includes('does not answer'), 30_000, 'it waits');
  const processes = processesOf(run);
  run.child.kill('SIGINT');
  expect(await run.end()).toBe(130);
  expect(run.output).toMatch(/does not answer.*\nStopping …\nStopped\.\n$/);
  await allGone(processes, 10_000);
});

test('leaves no process after kill -9, and keeps Redis until the worker has drained', async () => {
  const run = await start({ STUB_DRAIN_MS: '3000' }).running();
  const processes = processesOf(run);
  const { REDIS_URL } = await settingsOf(run);
  run.child.kill('SIGKILL');
  await untilDraining();
  expect(await pings(REDIS_URL)).toBe('+PONG');
  await allGone(processes, 15_000);
  expect(readFileSync(join(at.dataDir, 'logs/worker.log'), 'utf8')).toContain('drained');
});

test('kills a hanging worker after kill -9, and the next start waits for that', async () => {
  const run = await start({ STUB_DRAIN_MS: 'hang' }).running();
  const processes = processesOf(run);
  run.child.kill('SIGKILL');
  await run.end();
  const next = await start().running();
  await allGone(processes, 10_000);
  expect(next.output).toContain('The last start was killed');
});

test('waits for the services and stops Redis at the next start after kill -9 of launcher and wrappers', async () => {
  const run = await start({ STUB_DRAIN_MS: '10000' }).running();
  const processes = processesOf(run);
  const { REDIS_URL } = await settingsOf(run);
  expect(await command(REDIS_URL, ['SET', 'kept', '7'])).toBe('+OK');
  // It would stop Redis when it sees that the wrapper has ended.
  run.child.kill('SIGSTOP');
  for (const { pid, program } of processes) if (program === 'sh') process.kill(pid, 'SIGKILL');
  run.child.kill('SIGKILL');
  await run.end();
  expect(await pings(REDIS_URL)).toBe('+PONG');
  const next = await start().running();
  await allGone(processes, 10_000);
  expect(next.output).toContain('The last start was killed');
  expect(await command((await settingsOf(next)).REDIS_URL, ['INCR', 'kept'])).toBe(':8');
});

test('names the command that installs Redis before it runs it', async () => {
  const folder = join(at.dataDir, 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'brew'), `#!/bin/sh\necho "$@" > ${folder}/ran\nexit 1\n`, { mode: 0o755 });
  const run = start({ PATH: folder });
  expect(await run.end()).toBe(1);
  expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('install redis\n');
  expect(run.output).toMatch(/Installing it with "brew install redis"[^]*"brew install redis" failed/);
});

test('refuses a second start on the same folder and names the pid', async () => {
  const run = await start().running();
  const second = start();
  expect(await second.end()).toBe(1);
  expect(second.output).toBe(
    `Pixdock already runs on ${at.dataDir} (pid ${run.pid}). Stop it, or set another DATA_DIR for this one.\n`,
  );
});

test('leaves no lock file after a stop', async () => {
  const run = await start().running();
  const locks = () => [
    socketsOf(at.dataDir).length > 0,
    readdirSync(at.dataDir).some((name) => name.startsWith('lock')),
  ];
  expect(locks()).toEqual([true, true]);
  run.child.kill('SIGTERM');
  await run.end();
  expect(locks()).toEqual([false, false]);
});

test('keeps a restarted Redis until the worker has drained after kill -9', async () => {
  const run = await start({ STUB_DRAIN_MS: '3000' }).running();
  const { REDIS_URL } = await settingsOf(run);
  process.kill(pidOf('redis-server', processesOf(run)), 'SIGKILL');
  await until(async () => (await pings(REDIS_URL).catch(() => '')) === '+PONG', 10_000, 'Redis is back');
  const processes = processesOf(run);
  run.child.kill('SIGKILL');
  await untilDraining();
  expect(await pings(REDIS_URL)).toBe('+PONG');
  await allGone(processes, 20_000);
  expect(readFileSync(join(at.dataDir, 'logs/worker.log'), 'utf8')).toContain('drained');
});

test('restarts the API with the same environment and port', async () => {
  const run = await start().running();
  const before = await settingsOf(run);
  expect(before.UV_THREADPOOL_SIZE).toBe('16');
  await fetch(`${urlOf(run)}/crash`).catch(() => {});
  const after = await until(() => settingsOf(run).catch(() => null), 10_000, 'the API is back');
  expect({ ...after, PORT: null }).toEqual({ ...before, PORT: null });
  await until(() => run.output.includes('The API runs again.'), 10_000, 'the restart is reported');
});

test('starts Redis with a locale that is not installed, and prints messages in the language of the locale', async () => {
  const english = await start({ LC_ALL: 'en_US.UTF-8' }).running();
  english.child.kill('SIGTERM');
  expect(await english.end()).toBe(0);
  const chinese = await start({ LC_ALL: 'zh_CN.UTF-8' }).running();
  expect(chinese.output).toContain('Pixdock 正在运行。');
});

test('runs one of several concurrent starts', async () => {
  const all = [1, 2, 3, 4].map(() => start());
  const ended = await Promise.all(
    all
      .map((run) => Promise.race([run.running().then(() => 'runs'), run.end()]))
      .map((outcome) => outcome.catch(() => 1)),
  );
  expect(ended.toSorted()).toEqual([1, 1, 1, 'runs']);
});

test('restarts a killed Redis with the same address, password and data', async () => {
  const run = await start().running();
  const { REDIS_URL } = await settingsOf(run);
  expect(await command(REDIS_URL, ['SET', 'kept', '7'])).toBe('+OK');
  // Longer than the interval of appendfsync everysec.
  await sleep(1500);
  process.kill(pidOf('redis-server', processesOf(run)), 'SIGKILL');
  await until(
    async () => (await command(REDIS_URL, ['INCR', 'kept']).catch(() => '')) === ':8',
    10_000,
    'Redis is back',
  );
  await until(
    () => run.output.includes('Redis exited unexpectedly (SIGKILL)'),
    10_000,
    'the exit is reported',
  );
  await until(() => run.output.includes('Redis runs again.'), 10_000, 'the restart is reported');
});

test('restarts an API that exits at the same address, and stops after repeated exits', async () => {
  const run = await start().running();
  const url = urlOf(run);
  const processes = processesOf(run);
  for (let death = 1; death <= 5; death += 1) {
    await until(
      () =>
        fetch(url).then(
          (response) => response.ok,
          () => false,
        ),
      10_000,
      'the API is back',
    );
    await fetch(`${url}/crash`).catch(() => {});
  }
  expect(await run.end()).toBe(1);
  expect(run.output).toContain('The API exited unexpectedly (exit code 3). Restarting it in 0.25 s.');
  expect(run.output).toContain('The API exited 5 times within 30 s (exit code 3). See ');
  await allGone(processes, 10_000);
});

const OWN_REDIS = { REDIS_URL: 'redis://127.0.0.1:1' };
const OWN_BUCKET = {
  ALIYUN_OSS_ENDPOINT: 'oss-cn-hangzhou.aliyuncs.com',
  ALIYUN_OSS_REGION: 'cn-hangzhou',
  ALIYUN_OSS_BUCKET: 'shop-images',
  ALIYUN_OSS_FILE_DOMAIN: 'https://img.example.com',
  ALIBABA_CLOUD_ACCESS_KEY_ID: 'id',
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'secret',
};
test.each([
  ['the private Redis and the local OSS', {}],
  ['an own Redis', OWN_REDIS],
  ['an own bucket', OWN_BUCKET],
  ['an own Redis and an own bucket', { ...OWN_REDIS, ...OWN_BUCKET }],
])('checks the settings and starts with %s', async (_, settings) => {
  await start({ ...settings, STUB_CHECK: '1' }).running();
});

test('shows the settings error of a service and leaves no process', async () => {
  const run = start({ STUB_FAULT: 'PROFILES_FILE: the file does not exist' });
  expect(await run.end()).toBe(78);
  expect(run.output).toMatch(
    /The API did not start \(exit code 78\)\.\nPROFILES_FILE: the file does not exist\n$/,
  );
});

test('reports a changed OSS port', async () => {
  const first = await start().running();
  first.child.kill('SIGTERM');
  await first.end();
  const port = Number(readFileSync(join(at.dataDir, 'oss-port'), 'utf8'));
  const squatter = createServer().listen(port, '127.0.0.1');
  const second = await start()
    .running()
    .finally(() => squatter.close());
  expect(second.output).toContain(`Port ${port} of the local OSS is taken`);
  expect((await settingsOf(second)).ALIYUN_OSS_ENDPOINT).not.toContain(String(port));
});

test('ignores credentials without a bucket, and mistyped settings, and reports it', async () => {
  const run = await start({
    OSS_BUCKET: 'my-bucket',
    OSS_PREFIX: 'shop',
    MAX_UPLOAD_SIZE: '1MB',
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'real',
    ALIBABA_CLOUD_SECURITY_TOKEN: 'real',
  }).running();
  const settings = await settingsOf(run);
  expect(settings.ALIBABA_CLOUD_ACCESS_KEY_ID).toBe('LTAI-pixdock-dev');
  expect(settings.ALIBABA_CLOUD_SECURITY_TOKEN).toBeUndefined();
  expect(run.output).toContain('credentials are ignored');
  expect(settings.MAX_UPLOAD_SIZE).toBeUndefined();
  expect(run.output).toContain('rename it to ALIYUN_OSS_BUCKET');
  expect(run.output.match(/OSS_PREFIX is not a setting/g)).toHaveLength(1);
  expect(run.output.match(/MAX_UPLOAD_SIZE.*/g)).toEqual([
    'MAX_UPLOAD_SIZE is not a setting and has no effect. Rename it to MAX_UPLOAD_BYTES.',
  ]);
});

test.each([
  [
    {
      ALIYUN_OSS_BUCKET: 'photos',
      ALIYUN_OSS_REGION: 'cn-hangzhou',
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'id',
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: 's',
      STUB_CHECK: '1',
    },
    'ALIYUN_OSS_ENDPOINT, ALIYUN_OSS_FILE_DOMAIN are missing',
    78,
  ],
  [{ DATA_DIR: '/dev/null/data' }, 'DATA_DIR /dev/null/data cannot be used', 78],
  [{ DATA_DIR: '/proc/x' }, 'Correct this, or set DATA_DIR to another folder', 78],
  [{ PATH: '/nowhere' }, 'Redis is not installed on this machine. Install redis-server', 1],
])('prints one line for %j', async (settings, words, exitCode) => {
  const run = start(settings);
  expect(await run.end()).toBe(exitCode);
  expect(run.output).toContain(words);
  expect(
    run.output
      .trim()
      .split('\n')
      .filter((line) => line !== 'Starting …'),
  ).toHaveLength(1);
});

const untilDraining = () =>
  until(
    () => readFileSync(join(at.dataDir, 'logs/worker.log'), 'utf8').includes('draining'),
    15_000,
    'the worker drains',
  );

const pings = (url) => command(url, ['PING']);

async function command(url, words) {
  const { port, password } = new URL(url);
  const [, answer] = await ask(Number(port), [['AUTH', password], words]);
  return answer;
}
