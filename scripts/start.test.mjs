import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask } from './lib/resp.mjs';
import { ROOT } from './lib/root.mjs';
import {
  allGone,
  cleanUp,
  makeDataDir,
  noted,
  REAL,
  runLauncher,
  STUBS,
  until,
} from './testing/run-launcher.mjs';

let dataDir;
const runs = [];

beforeEach(() => {
  dataDir = makeDataDir();
});

afterEach(async () => {
  for (const run of runs.splice(0)) await cleanUp(run, dataDir);
});

function start(script, settings) {
  const run = runLauncher(script, dataDir, settings);
  runs.push(run);
  return run;
}

const urlOf = (run) => /API +(\S+)/.exec(run.output)[1];
const keyOf = (run) => /Key +(\S+)/.exec(run.output)[1];
const settingsOf = async (run) => (await (await fetch(urlOf(run))).json()).settings;

describe.runIf(existsSync(join(ROOT, 'packages/oss-dev/dist/main.js')))(
  'the launcher, with an API and a worker that only come and go',
  () => {
    test('prints what runs, passes the settings on, and keeps key and OSS port for the next start', async () => {
      const first = await start(STUBS).running();
      const settings = await settingsOf(first);
      expect(first.output).toContain('api     WARN  a warning of the stub');
      expect(first.output).not.toContain('nobody needs');
      expect(settings).toMatchObject({
        API_KEYS: `local:${keyOf(first)}`,
        DATA_DIR: dataDir,
        ALIYUN_OSS_ADDRESSING: 'path',
      });
      expect(keyOf(first)).toMatch(/^pxd_[\w-]{43}$/);
      for (const name of ['api-key', 'redis/redis.conf'])
        expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
      first.child.kill('SIGTERM');
      expect(await first.end()).toBe(0);
      const second = await start(STUBS).running();
      expect(keyOf(second)).toBe(keyOf(first));
      expect((await settingsOf(second)).ALIYUN_OSS_FILE_DOMAIN).toBe(settings.ALIYUN_OSS_FILE_DOMAIN);
    });

    test('Ctrl-C stops everything, Redis last', async () => {
      const run = await start(STUBS, { STUB_DRAIN_MS: '1500' }).running();
      const processes = noted(dataDir);
      run.child.kill('SIGINT');
      run.child.kill('SIGINT');
      expect(await run.end()).toBe(0);
      await allGone(processes, 1000);
      expect(readFileSync(join(dataDir, 'logs/worker.log'), 'utf8')).toContain('drained');
      expect(readFileSync(join(dataDir, 'logs/redis.log'), 'utf8')).toContain('ready to exit');
    });

    test('a second Ctrl-C does not wait', async () => {
      const run = await start(STUBS, { STUB_DRAIN_MS: 'hang' }).running();
      const processes = noted(dataDir);
      run.child.kill('SIGINT');
      setTimeout(() => run.child.kill('SIGINT'), 1000);
      await run.end();
      await allGone(processes, 2000);
    });

    test('kill -9 of the launcher leaves nothing, and the worker has Redis until it is done', async () => {
      const run = await start(STUBS, { STUB_DRAIN_MS: '3000' }).running();
      const processes = noted(dataDir);
      const { REDIS_URL } = await settingsOf(run);
      run.child.kill('SIGKILL');
      await until(
        () => readFileSync(join(dataDir, 'logs/worker.log'), 'utf8').includes('draining'),
        3000,
        'it drains',
      );
      expect(await pings(REDIS_URL)).toBe('+PONG');
      await allGone(processes, 15_000);
      expect(readFileSync(join(dataDir, 'logs/worker.log'), 'utf8')).toContain('drained');
    });

    test('kill -9 leaves nothing of a worker that hangs, and the next start waits for that', async () => {
      const run = await start(STUBS, { STUB_DRAIN_MS: 'hang' }).running();
      const processes = noted(dataDir);
      run.child.kill('SIGKILL');
      await run.end();
      const next = await start(STUBS).running();
      await allGone(processes, 1);
      expect(next.output).toContain('The last start was killed');
    }, 60_000);

    test('kill -9 of launcher and guardian together: the next start ends what is left', async () => {
      const run = await start(STUBS).running();
      const processes = noted(dataDir);
      process.kill(processes.guardian.pid, 'SIGKILL');
      run.child.kill('SIGKILL');
      await run.end();
      await start(STUBS).running();
      await allGone(processes, 1);
    });

    test('a second start on the same folder is refused, with the pid', async () => {
      const run = await start(STUBS).running();
      const second = start(STUBS);
      expect(await second.end()).toBe(1);
      expect(second.output).toBe(
        `Pixdock already runs on ${dataDir} (pid ${run.pid}): stop it, or set another DATA_DIR for this one.\n`,
      );
    });

    test('of starts at the same moment one runs', async () => {
      const all = [1, 2, 3, 4].map(() => start(STUBS));
      const ended = await Promise.all(
        all
          .map((run) => Promise.race([run.running().then(() => 'runs'), run.end()]))
          .map((one) => one.catch(() => 1)),
      );
      expect(ended.toSorted()).toEqual([1, 1, 1, 'runs']);
    });

    test('Redis killed: the same address, password and data again', async () => {
      const run = await start(STUBS).running();
      const { REDIS_URL } = await settingsOf(run);
      expect(await command(REDIS_URL, ['SET', 'kept', '7'])).toBe('+OK');
      // Longer than appendfsync everysec needs.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      process.kill(noted(dataDir).redis.pid, 'SIGKILL');
      await until(
        async () => (await command(REDIS_URL, ['INCR', 'kept']).catch(() => '')) === ':8',
        10_000,
        'Redis is back',
      );
      await until(() => run.output.includes('Redis ended by itself (SIGKILL)'), 1000, 'it is told');
    });

    test('an API that dies comes back at its address; one that keeps dying ends the start', async () => {
      const run = await start(STUBS).running();
      const url = urlOf(run);
      const processes = noted(dataDir);
      for (let death = 1; death <= 5; death += 1) {
        await until(
          () =>
            fetch(url).then(
              (answer) => answer.ok,
              () => false,
            ),
          10_000,
          'the API is back',
        );
        await fetch(`${url}/crash`).catch(() => {});
      }
      expect(await run.end()).toBe(1);
      expect(run.output).toContain('The API ended by itself (exit code 3); starting it again in 0.25 s.');
      expect(run.output).toContain('The API ended 5 times within 30 s (exit code 3)');
      await allGone(processes, 1000);
    });

    test('what a service says about its settings is shown, and nothing stays', async () => {
      const run = start(STUBS, { STUB_FAULT: 'PROFILES_FILE: there is no such file' });
      expect(await run.end()).toBe(1);
      expect(run.output).toMatch(
        /The API did not start \(exit code 78\)\.\nPROFILES_FILE: there is no such file\n$/,
      );
    });

    test('a moved OSS port is told', async () => {
      const first = await start(STUBS).running();
      first.child.kill('SIGTERM');
      await first.end();
      const port = Number(readFileSync(join(dataDir, 'oss-port'), 'utf8'));
      const squatter = createServer().listen(port, '127.0.0.1');
      const second = await start(STUBS)
        .running()
        .finally(() => squatter.close());
      expect(second.output).toContain(`Port ${port} of the local OSS is taken`);
      expect((await settingsOf(second)).ALIYUN_OSS_ENDPOINT).not.toContain(String(port));
    });

    test('credentials without a bucket are ignored, and that is said', async () => {
      const run = await start(STUBS, {
        ALIBABA_CLOUD_ACCESS_KEY_ID: 'real',
        ALIBABA_CLOUD_SECURITY_TOKEN: 'real',
      }).running();
      const settings = await settingsOf(run);
      expect(settings.ALIBABA_CLOUD_ACCESS_KEY_ID).toBe('LTAI-pixdock-dev');
      expect(settings.ALIBABA_CLOUD_SECURITY_TOKEN).toBeUndefined();
      expect(run.output).toContain('credentials are ignored');
    });

    test.each([
      [
        { ALIYUN_OSS_BUCKET: 'b', ALIYUN_OSS_REGION: 'r' },
        'ALIYUN_OSS_ENDPOINT, ALIYUN_OSS_FILE_DOMAIN are missing',
      ],
      [{ DATA_DIR: '/dev/null/data' }, 'DATA_DIR /dev/null/data cannot be used'],
      [{ PATH: '/nowhere' }, 'There is no Redis on this machine: install redis-server'],
    ])('%j ends in one line', async (settings, words) => {
      const run = start(STUBS, settings);
      expect(await run.end()).toBe(1);
      expect(run.output).toContain(words);
      expect(
        run.output
          .trim()
          .split('\n')
          .filter((line) => line !== 'Starting …'),
      ).toHaveLength(1);
    });
  },
);

const MAINS = ['apps/api/dist/main.js', 'apps/worker/dist/main.js', 'packages/oss-dev/dist/main.js'];

describe.runIf(MAINS.every((main) => existsSync(join(ROOT, main))))('npm start', () => {
  test('the printed curl uploads the example and answers with a URL that serves an image', async () => {
    const run = await start(REAL).running();
    const curl = run.output.split('\n').filter((line) => line.startsWith('curl '));
    expect(curl).toHaveLength(1);
    const { stdout, stderr } = spawnSync('sh', ['-c', curl[0]], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const image = JSON.parse(stdout);
    expect(image).toMatchObject({
      status: 'published',
      receipt: { orientationApplied: 6, gpsRemoved: true },
    });
    const published = await fetch(image.url);
    expect([published.status, published.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const processes = noted(dataDir);
    run.child.kill('SIGINT');
    expect(await run.end()).toBe(0);
    expect(run.output).not.toContain('is killed');
    await allGone(processes, 1000);
  }, 90_000);

  test('kill -9 of the launcher leaves no process', async () => {
    const run = await start(REAL).running();
    const processes = noted(dataDir);
    run.child.kill('SIGKILL');
    await allGone(processes, 20_000);
  }, 90_000);

  test('a port in use is told in the words of the API', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const { port } = squatter.address();
    const run = start(REAL, { PORT: String(port) });
    expect(await run.end().finally(() => squatter.close())).toBe(1);
    expect(run.output).toContain(String(port));
  }, 90_000);
});

const pings = (url) => command(url, ['PING']);

async function command(url, words) {
  const { port, password } = new URL(url);
  const [, answer] = await ask(Number(port), [['AUTH', password], words]);
  return answer;
}
