import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOssDev } from '@pixdock/oss-dev/start';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { type Deviation, KEY, startStrictOss } from './strict-oss.js';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
const REPORTS = ['real-oss.md', 'real-oss.zh-CN.md'].map((name) => join(CHECKOUT, name));
afterEach(() => REPORTS.forEach((path) => rmSync(path, { force: true })));

/** Four values, as a person with a trial account sets them. */
type Values = Record<
  | 'ALIBABA_CLOUD_ACCESS_KEY_ID'
  | 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'
  | 'ALIYUN_OSS_ENDPOINT'
  | 'ALIYUN_OSS_BUCKET',
  string
> & { ALIYUN_OSS_REGION?: string };

/** Runs `npm run real-oss` to its end. @param interrupt presses Ctrl-C when it aborts */
async function realOss(values: Values, interrupt?: AbortSignal) {
  const { PATH = '', HOME = '' } = process.env;
  const child = killOnExit(
    spawn(process.execPath, [join(CHECKOUT, 'scripts/real-oss.mjs')], { env: { PATH, HOME, ...values } }),
  );
  const written = { out: '', err: '' };
  interrupt?.addEventListener('abort', () => child.kill('SIGINT'));
  child.stdout.on('data', (chunk) => (written.out += String(chunk)));
  child.stderr.on('data', (chunk) => (written.err += String(chunk)));
  const [exit] = await once(child, 'close');
  const [english = '', chinese = ''] = REPORTS.map((path) =>
    existsSync(path) ? readFileSync(path, 'utf8') : '',
  );
  for (const text of [written.out, written.err, english, chinese])
    expect(text).not.toContain(values.ALIBABA_CLOUD_ACCESS_KEY_SECRET);
  for (const secret of [values.ALIYUN_OSS_BUCKET, values.ALIBABA_CLOUD_ACCESS_KEY_ID, 'localhost'])
    expect(english + chinese).not.toContain(secret);
  return { exit, ...written, english, chinese };
}

/** @param interruptAt a part of the key whose put aborts `interrupt` */
async function startStrict(deviation: Deviation | null = null, interruptAt = 'never') {
  const interrupt = new AbortController();
  const oss = await startStrictOss(deviation, (key) => key.includes(interruptAt) && interrupt.abort());
  onTestFinished(() => oss.stop());
  const values = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: KEY.id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: KEY.secret,
    ALIYUN_OSS_ENDPOINT: oss.endpoint,
    ALIYUN_OSS_BUCKET: 'made-for-a-rehearsal',
  };
  return { oss, values, interrupt: interrupt.signal };
}

test('makes a bucket, checks it, lands pictures, deletes everything and writes a report', async () => {
  const { oss, values } = await startStrict();
  const { exit, out, err, english, chinese } = await realOss(values);
  expect({ exit, err, out }).toMatchObject({ exit: 0, err: '' });
  expect(out).toContain('✓ photo.jpg is published by the services, and deleted');
  expect(out).toContain('40 checks: 36 passed, 0 differ from the documentation, 4 cannot be checked.');
  expect(oss.contents()).toEqual({});
  expect(english.split('\n').length).toBeLessThan(25);
  expect(english).toMatch(/^### Rehearsal against a local OSS on \d+ \w+ \d{4}, not Alibaba Cloud\n/);
  expect(english).toContain('in ap-southeast-1, with a bucket made for it');
  expect(english).toContain('| Pictures through API, queue and worker | 2 passed |');
  expect(english).toMatch(/One put of 100 KiB took \d+ ms, \d+ ms, one HEAD \d+ ms/);
  expect(chinese).toContain('| 经 API、队列和 worker 处理的图片 | 通过 2 项 |');
  expect(chinese).toMatch(/^\| STS 与角色 \| 通过 1 项；1 项无法检查：需要 STS 的临时密钥/m);
});

test('reports an OSS that deletes nothing, and names what is left', async () => {
  const { oss, values } = await startStrict('nothing-is-deleted');
  const { exit, err, english } = await realOss(values);
  expect(exit).toBe(1);
  expect(english).toMatch(
    /\*\*differs\*\*: photo\.jpg is published by the services, and deleted: .*, found`/,
  );
  expect(err).toContain('The bucket made-for-a-rehearsal could not be deleted (status 409, BucketNotEmpty');
  expect(oss.contents()['made-for-a-rehearsal']).not.toEqual([]);
});

test('deletes everything after Ctrl-C', async () => {
  const { oss, values, interrupt } = await startStrict(null, '/race.jpg');
  const { exit, err } = await realOss(values, interrupt);
  expect({ exit, err }).toMatchObject({ exit: 130, err: expect.stringContaining('Interrupted') });
  expect(oss.contents()).toEqual({});
});

test('deletes only its own objects in a bucket that exists, also those of the services', async () => {
  const { oss, values, interrupt } = await startStrict(null, '/pictures/');
  oss.addBucket(values.ALIYUN_OSS_BUCKET);
  const { exit, out } = await realOss(values, interrupt);
  expect(out).toContain('cannot be checked: the bucket was there before, and its settings are not changed');
  expect(exit).toBe(130);
  expect(oss.contents()).toEqual({ [values.ALIYUN_OSS_BUCKET]: ['kept/theirs.jpg'] });
});

test('runs against the local OSS in the same way', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-real-oss-'));
  const [accessKeyId, accessKeySecret] = ['LTAI-rehearsal', 'secret-of-the-rehearsal'];
  const region = 'cn-hangzhou';
  const oss = await startOssDev({ dataDir, buckets: ['theirs'], region, accessKeyId, accessKeySecret });
  onTestFinished(async () => {
    await oss.stop();
    await rm(dataDir, { recursive: true });
  });
  const { exit, out, err, english } = await realOss({
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    ALIYUN_OSS_ENDPOINT: oss.endpoint,
    ALIYUN_OSS_REGION: region,
    ALIYUN_OSS_BUCKET: 'made-for-a-rehearsal',
  });
  expect({ exit, err, out }).toMatchObject({ exit: 0, err: '' });
  expect(english).toContain(
    '| CORS | 1 cannot be checked: this server does not implement oss:PutBucketCors |',
  );
  await expect(
    aliClient({ ...oss, bucket: 'made-for-a-rehearsal' }).listV2({ 'max-keys': 1 }),
  ).rejects.toMatchObject({
    code: 'NoSuchBucket',
  });
});

test('asks for the four values', async () => {
  const { exit, err } = await realOss({
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI-someone',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'secret-of-someone',
    ALIYUN_OSS_ENDPOINT: '',
    ALIYUN_OSS_BUCKET: 'some-bucket',
  });
  expect(exit).toBe(2);
  expect(err).toMatch(/^ALIYUN_OSS_REGION is not set\n {2}fix: Set four values/);
});
