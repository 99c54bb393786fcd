import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import { openLiveWorkers } from '@pixdock/shared/state/service/live-workers';
import { freePort } from '@pixdock/shared/testing/free-port';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { afterAll, expect, it } from 'vitest';
import { run } from '../cli.js';
import { runOps, serve, startLab } from '../testing/run-doctor.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

/** A stopped installation with one image in a folder, and an empty bucket. */
async function openStopped() {
  const lab = await startLab({ privateBuckets: ['lab-staging'] });
  const dataDir = temporaryFolder();
  const staging = await openStaging(dataDir);
  await staging.notes.write('id', '0123456789');
  const record = testRecord();
  const arrival = await staging.openArrival(record.id);
  arrival.stream.end('abc');
  await once(arrival.stream, 'close');
  await arrival.commit({ record, origin: null, idempotency: null });
  const environment = {
    ...lab.settings,
    DATA_DIR: dataDir,
    STAGING_URL: 'oss://lab-staging/pixdock',
    REDIS_URL: redis.settings.url,
    REDIS_PREFIX: redis.settings.prefix,
    PORT: String(await freePort()),
  };
  const moveTo = (to: string, over: Record<string, string> = {}) =>
    runOps(['move-staging', '--to', to], { ...environment, ...over });
  return { dataDir, staging, record, environment, moveTo };
}

it('moves a folder to a bucket and back, and says what to do next', async () => {
  const { dataDir, record, environment, moveTo } = await openStopped();
  const there = await moveTo('bucket');
  expect(there).toMatchObject({ exit: 0, out: '' });
  expect(there.err).toMatch(
    /^Copying .* to oss:\/\/lab-staging\/pixdock\n2 copied \(\S+ (?:B|KiB)\), 0 were there already\noss:\S+ has staging 01234567 now\.\nNext: move the folder away .*with STAGING_URL\./m,
  );
  // Services would take the files of the old folder for unused copies.
  const tooEarly = await runOps(['reconcile'], environment);
  expect(tooEarly.exit).toBe(78);
  expect(tooEarly.err).toContain(`mv ${dataDir}/staging ${dataDir}/staging.before`);
  expect(await moveTo('bucket')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('lab-staging/pixdock has staging 01234567 of '),
  });
  await rename(join(dataDir, 'staging'), join(dataDir, 'staging.before'));
  const back = await moveTo('folder', { LANG: 'zh_CN.UTF-8' });
  expect(back).toMatchObject({ exit: 0 });
  expect(back.err).toContain('去掉 STAGING_URL 后启动');
  const staging = await openStaging(dataDir);
  expect((await staging.entry(record.id))?.record).toEqual(record);
  expect(await staging.notes.read('id')).toBe('0123456789');
});

it('moves nothing while a worker or the API runs', async () => {
  const { staging, moveTo } = await openStopped();
  const workers = openLiveWorkers(redis.connection, redis.settings.prefix);
  await workers.report('one');
  const refused = await moveTo('bucket');
  expect([refused.exit, refused.err]).toEqual([
    2,
    expect.stringMatching(/^Services are running: 1 worker\n/),
  ]);
  await workers.leave('one');
  const api = await serve((_, response) => response.end());
  const { port } = new URL(api);
  const byApi = await moveTo('bucket', { PORT: port });
  expect([byApi.exit, byApi.err]).toEqual([
    2,
    expect.stringContaining(`the API at http://127.0.0.1:${port}`),
  ]);
  expect((await moveTo('bucket')).exit).toBe(0);
  expect(await staging.notes.read('id')).toBe('0123456789');
});

it('does not end a move during which a worker has started', async () => {
  const { environment, moveTo } = await openStopped();
  const workers = openLiveWorkers(redis.connection, redis.settings.prefix);
  const out: string[] = [];
  const exit = await run(['move-staging', '--to', 'bucket'], environment, {
    out: () => {},
    err: (line) => {
      out.push(line);
      if (line.startsWith('Copying')) void workers.report('two');
    },
  });
  expect([exit, out.at(-1)]).toEqual([2, expect.stringContaining('1 worker')]);
  await workers.leave('two');
  expect((await moveTo('bucket')).err).toContain('0 copied (0 B), 2 were there already');
});

it('refuses a target that has another staging, a source without one, and a direction or a bucket that is missing', async () => {
  const { dataDir, staging, moveTo } = await openStopped();
  expect((await moveTo('folder')).err).toContain('oss://lab-staging/pixdock has no staging');
  await moveTo('bucket');
  await staging.notes.write('id', 'another one');
  const other = await moveTo('bucket');
  expect([other.exit, other.err]).toEqual([
    2,
    expect.stringContaining('has another staging (01234567) than'),
  ]);
  await rm(join(dataDir, 'staging'), { recursive: true });
  expect((await moveTo('bucket')).err).toContain(`${dataDir} has no staging`);
  expect((await moveTo('bukket')).err).toContain('"bukket" is neither bucket nor folder');
  const without = await moveTo('bucket', { STAGING_URL: '' });
  expect([without.exit, without.err]).toEqual([78, expect.stringContaining('STAGING_URL')]);
});

it('names a bucket that cannot be used', async () => {
  const { moveTo } = await openStopped();
  const { exit, err } = await moveTo('bucket', { STAGING_URL: 'oss://no-such-bucket' });
  expect([exit, err]).toEqual([
    78,
    expect.stringContaining('oss://no-such-bucket cannot be used: NoSuchBucket'),
  ]);
});
