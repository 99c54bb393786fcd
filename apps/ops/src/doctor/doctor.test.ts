import { hash } from 'node:crypto';
import { startCdn } from '@pixdock/object-store/testing/start-cdn';
import { SECRET } from '@pixdock/object-store/testing/start-oss';
import { stagingAt } from '@pixdock/shared/state/folder-staging/open-staging';
import { readStagingId } from '@pixdock/shared/state/staging-id';
import { freePort } from '@pixdock/shared/testing/free-port';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runOps, serve, startLab } from '../testing/run-doctor.js';

const ALL_OK = {
  staging: 'ok',
  put: 'ok',
  clock: 'ok',
  overwrite: 'ok',
  head: 'ok',
  read: 'ok',
  keys: 'ok',
  delete: 'ok',
};

describe('working bucket', () => {
  it('reports no fault and leaves nothing behind', async () => {
    const { ops, server } = await startLab();
    const { exit, out, err } = await ops(['doctor'], { ALIYUN_OSS_PREFIX: 'team-a' });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out.match(/^✓ (staging|put|clock|overwrite|head|read|keys|delete) /gm)).toHaveLength(8);
    expect(out).toContain('No faults found.');

    const url = /public (\S+)/.exec(out)?.[1] ?? '';
    expect(url).toMatch(/\/team-a\/pixdock-doctor\/[0-9a-f]{32}\.png$/);
    const key = new URL(url).pathname;
    expect((await fetch(`${server.endpoint}/lab-bucket${key}`)).status).toBe(404);
  });

  it.each(['virtual', 'path'])('reports no fault in %s style as JSON', async (addressing) => {
    const { doctor } = await startLab();
    const { exit, report, statuses } = await doctor({ ALIYUN_OSS_ADDRESSING: addressing });
    expect(exit).toBe(0);
    expect(report).toMatchObject({ ok: true, bucket: 'lab-bucket', addressing });
    expect(statuses).toEqual(ALL_OK);
  });
});

describe('private bucket', () => {
  const BUCKET = { ALIYUN_OSS_PRIVATE_BUCKET: 'lab-secrets', ALIYUN_OSS_ADDRESSING: 'path' };

  it('refuses an anonymous read and accepts a signed URL', async () => {
    const { doctor } = await startLab({ privateBuckets: ['lab-secrets'] });
    const { exit, statuses } = await doctor(BUCKET);
    expect([exit, statuses]).toEqual([0, { ...ALL_OK, private: 'ok' }]);
  });

  it('is a fault if everyone can read it, or signed URLs lead elsewhere', async () => {
    const open = await startLab({ buckets: ['lab-bucket', 'lab-secrets'] });
    expect((await open.doctor(BUCKET)).faults).toEqual({ private: 'PrivateReadable' });
    const { doctor } = await startLab({ privateBuckets: ['lab-secrets'] });
    const elsewhere = await serve((_, response) => response.writeHead(403).end());
    const { faults } = await doctor({ ...BUCKET, ALIYUN_OSS_PRIVATE_FILE_DOMAIN: elsewhere });
    expect(faults).toEqual({ private: 'SignedUrlRefused' });
  });
});

describe('CDN in front of the private bucket', () => {
  const KEY = 'aliyuncdnexp1234';

  /** Runs the doctor with a CDN that has these settings. */
  async function doctorWith(cdn: { key: string; ttlSeconds: number }) {
    const { server, doctor } = await startLab({ privateBuckets: ['lab-secrets'] });
    const { url, ...started } = await startCdn({ ...server, bucket: 'lab-secrets' }, cdn);
    onTestFinished(() => started[Symbol.asyncDispose]());
    const settings = {
      ALIYUN_OSS_PRIVATE_BUCKET: 'lab-secrets',
      ALIYUN_OSS_ADDRESSING: 'path',
      CDN_AUTH_DOMAIN: url,
      CDN_AUTH_KEY: KEY,
      CDN_AUTH_TTL: '10min',
    };
    return { settings, run: (over = {}) => doctor({ ...settings, ...over }) };
  }

  it('serves signed URLs until they expire', async () => {
    const { run } = await doctorWith({ key: KEY, ttlSeconds: 600 });
    const { exit, out, statuses } = await run();
    expect([exit, statuses]).toEqual([0, { ...ALL_OK, private: 'ok', cdn: 'ok' }]);
    expect(out).not.toContain(KEY);
  });

  it('is a fault with another key or another validity period', async () => {
    const { run } = await doctorWith({ key: KEY, ttlSeconds: 600 });
    expect((await run({ CDN_AUTH_KEY: 'another' })).faults).toEqual({ cdn: 'CdnUrlRefused' });
    expect((await run({ CDN_AUTH_TTL: '30min' })).faults).toEqual({ cdn: 'CdnUrlRefused' });
    expect((await run({ CDN_AUTH_TTL: '1min' })).faults).toEqual({ cdn: 'CdnTtlDiffers' });
  });

  it('is a fault if it checks no signature', async () => {
    const { run } = await doctorWith({ key: KEY, ttlSeconds: 600 });
    const open = await serve((_, response) => response.writeHead(200).end());
    expect((await run({ CDN_AUTH_DOMAIN: open })).faults).toEqual({ cdn: 'CdnReadable' });
  });
});

it('says why it did not compare staging with Redis', async () => {
  const { doctor } = await startLab();
  const dataDir = temporaryFolder();
  const detailWith = async (changes: Record<string, string>) => {
    const { report } = await doctor({ DATA_DIR: dataDir, ...changes });
    return report.steps.find(({ step }) => step === 'staging');
  };
  expect(await detailWith({})).toMatchObject({ detail: expect.stringContaining('has no staging yet') });
  const { id } = await readStagingId(stagingAt(dataDir));
  const isNot = (reason: string) => ({
    status: 'ok',
    detail: expect.stringMatching(`staging ${id}, not compared .*${reason}`),
  });
  expect(await detailWith({})).toMatchObject(isNot('REDIS_URL is not set'));
  const url = `redis://127.0.0.1:${await freePort()}`;
  expect(await detailWith({ REDIS_URL: url })).toMatchObject(isNot('is not available'));
});

it('tries the HEIC decoder', async () => {
  const { doctor } = await startLab();
  const { exit, faults, report } = await doctor({ HEIC_DECODER: '/nowhere/heif-dec' });
  expect(exit).toBe(1);
  expect(faults).toEqual({ heic: 'HeicDecoderFault' });
  const heic = report.steps.find(({ step }) => step === 'heic');
  expect(heic).toMatchObject({
    detail: expect.stringContaining('/nowhere/heif-dec cannot be started'),
    fix: { en: expect.stringContaining('apt-get install libheif-examples') },
  });
});

describe('faults of the API', () => {
  it('reports a wrong secret with its fix and skips the other steps', async () => {
    const { ops, doctor } = await startLab();
    const wrong = { ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'other-secret' };
    const { exit, faults, statuses, out } = await doctor(wrong);
    expect(exit).toBe(1);
    expect(faults).toEqual({ put: 'SignatureDoesNotMatch' });
    expect(statuses).toMatchObject({ read: 'skipped', delete: 'skipped' });
    expect(out).not.toContain('other-secret');

    const text = await ops(['doctor'], wrong);
    expect(text.exit).toBe(1);
    expect(text.out).toMatch(/^bucket lab-bucket \(cn-hangzhou\) at http\S+, \w+; public http\S+$/m);
    expect(text.out).toMatch(
      /^✗ put {7}SignatureDoesNotMatch: .* \(\d+ ms\)\n {12}fix: ALIBABA_CLOUD_ACCESS_KEY_SECRET/m,
    );
    expect(text.out).toMatch(/^- delete {4}skipped\n1 fault\.$/m);
    const chinese = await ops(['doctor'], { ...wrong, LANG: 'zh_CN.UTF-8' });
    expect(chinese.out).toMatch(
      /^✗ put {7}SignatureDoesNotMatch：.*（\d+ ms）\n {12}处理方法：.*不匹配[^]*\n- delete {4}已跳过\n发现 1 个问题。$/m,
    );
  });

  it.each([
    ['key id', { ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAIother' }, 'InvalidAccessKeyId'],
    ['bucket', { ALIYUN_OSS_BUCKET: 'other-bucket' }, 'NoSuchBucket'],
    ['region', { ALIYUN_OSS_REGION: 'cn-beijing' }, 'InvalidArgument'],
    ['token', { ALIBABA_CLOUD_SECURITY_TOKEN: 'CAIS-old' }, 'InvalidSecurityToken'],
    ['port', { ALIYUN_OSS_ENDPOINT: 'http://localhost:1' }, 'ECONNREFUSED'],
    ['host', { ALIYUN_OSS_ENDPOINT: 'https://oss.invalid' }, 'ENOTFOUND'],
  ])('reports a wrong %s', async (_name, over, code) => {
    const { doctor } = await startLab();
    const { exit, faults } = await doctor(over);
    expect(exit).toBe(1);
    expect(faults).toEqual({ put: code });
  });

  it.each([
    ['put', 'PutObject', 'oss:PutObject'],
    ['head', 'HeadObject', 'oss:GetObject'],
    ['delete', 'DeleteObject', 'oss:DeleteObject'],
  ])('reports a missing permission to %s', async (step, operation, action) => {
    const { doctor, fault } = await startLab();
    await fault({ operation, action: { type: 'error', status: 403, code: 'AccessDenied' } });
    const { report, faults } = await doctor();
    expect(faults).toMatchObject({ [step]: 'AccessDenied' });
    expect(report.steps.find((found) => found.step === step)).toMatchObject({
      fix: { en: expect.stringContaining(action) },
    });
  });

  it('does without a sample of metadata if it may not list the bucket', async () => {
    const { doctor, fault } = await startLab();
    await fault({ operation: 'ListObjectsV2', action: { type: 'error', status: 403, code: 'AccessDenied' } });
    const { report, statuses } = await doctor();
    expect(statuses).toEqual(ALL_OK);
    const keys = report.steps.find(({ step }) => step === 'keys');
    expect(keys).toMatchObject({ detail: expect.stringContaining('oss:ListObjects') });
  });

  it('deletes the object even if a step fails', async () => {
    const { doctor, fault } = await startLab();
    await fault({ operation: 'HeadObject', action: { type: 'error', status: 500, code: 'InternalError' } });
    const { faults, statuses } = await doctor();
    expect(faults).toEqual({ head: 'InternalError' });
    expect(statuses).toMatchObject({ read: 'ok', delete: 'ok' });
  });

  it('deletes the object of a put whose response was lost', async () => {
    const { doctor, fault, server } = await startLab();
    await fault({ operation: 'PutObject', count: 1, when: 'after', action: { type: 'reset' } });
    await fault({ operation: 'PutObject', action: { type: 'reset' } });
    const { report, faults, statuses } = await doctor();
    expect(faults).toEqual({ put: 'ECONNRESET' });
    expect(statuses.delete).toBe('ok');
    expect((await fetch(`${server.endpoint}/lab-bucket/${report.key}`)).status).toBe(404);
  });

  it('reports a skewed clock', async () => {
    const { doctor } = await startLab({ now: () => Date.now() - 3600_000 });
    const { exit, report, statuses } = await doctor();
    expect(exit).toBe(1);
    expect(statuses).toEqual({ ...ALL_OK, clock: 'fault' });
    const clock = report.steps.find(({ step }) => step === 'clock');
    expect(clock).toMatchObject({
      code: 'ClockSkewed',
      detail: expect.stringMatching(/(3599|3600|3601) s ahead/),
    });
  });

  it('reports an ETag of other bytes', async () => {
    const { doctor, fault } = await startLab();
    await fault({ operation: 'PutObject', count: 1, action: { type: 'wrong-etag' } });
    expect((await doctor()).faults).toEqual({ put: 'EtagMismatch' });
  });
});

describe('versioned bucket', () => {
  it('is detected by its header', async () => {
    const { doctor, settings } = await startLab();
    const bucket = await fakeBucket({ 'x-oss-version-id': 'CAEQ' });
    const { faults } = await doctor({
      ...settings,
      ALIYUN_OSS_ENDPOINT: bucket,
      ALIYUN_OSS_FILE_DOMAIN: bucket,
    });
    expect(faults).toEqual({ overwrite: 'VersionedBucket' });
  });

  it('is detected by an overwritten object', async () => {
    const { doctor, settings } = await startLab();
    const bucket = await fakeBucket({});
    const { faults } = await doctor({
      ...settings,
      ALIYUN_OSS_ENDPOINT: bucket,
      ALIYUN_OSS_FILE_DOMAIN: bucket,
    });
    expect(faults).toEqual({ overwrite: 'OverwriteAllowed' });
  });
});

describe('faults of the public address', () => {
  const oss = (code: string) => ({
    'content-type': 'application/xml',
    body: `<Error><Code>${code}</Code></Error>`,
  });
  const page = { 'content-type': 'text/html', body: '<html><h1>nginx</h1></html>' };

  it.each([
    ['a 403 HTML page', 403, page, 'DomainBlocked'],
    ['a 403 ICP page', 403, { ...page, body: '<html>Non-compliance ICP Filing</html>' }, 'DomainBlocked'],
    ['a 451', 451, page, 'DomainBlocked'],
    ['a 403 of OSS', 403, oss('AccessDenied'), 'PublicReadDenied'],
    ['a 404 HTML page', 404, page, 'DomainNotBound'],
    ['a 404 of OSS', 404, oss('NoSuchBucket'), 'DomainNotBound'],
    ['a 200 HTML page', 200, page, 'PublicPage'],
    ['other bytes', 200, { 'content-type': 'image/webp', body: 'RIFF' }, 'PublicBytesDiffer'],
    ['a redirect', 302, { location: 'https://login.example.com/?token=1', body: '' }, 'Redirected'],
    ['a 502', 502, page, 'PublicError'],
  ])('reports %s', async (_name, status, { body, ...headers }, code) => {
    const { doctor } = await startLab();
    const domain = await serve((_request, response) => response.writeHead(status, headers).end(body));
    const { exit, out, faults, statuses } = await doctor({ ALIYUN_OSS_FILE_DOMAIN: `${domain}/bucket` });
    expect(exit).toBe(1);
    expect(faults).toEqual({ read: code });
    expect(statuses.delete).toBe('ok');
    expect(out).not.toContain('token');
  });

  it.each([
    ['attachment', { 'content-disposition': 'attachment' }, 'ForcedDownload'],
    ['the header of OSS', { 'x-oss-force-download': 'true' }, 'ForcedDownload'],
    ['another type', { 'content-type': 'application/octet-stream' }, 'PublicTypeDiffers'],
  ])('reports an image with %s', async (_name, headers, code) => {
    const { doctor, server } = await startLab();
    const domain = await serve(async (request, response) => {
      const original = await fetch(`${server.endpoint}/lab-bucket${request.url}`);
      const body = Buffer.from(await original.arrayBuffer());
      response.writeHead(200, { 'content-type': 'image/png', ...headers }).end(body);
    });
    expect((await doctor({ ALIYUN_OSS_FILE_DOMAIN: domain })).faults).toEqual({ read: code });
  });

  it.each([
    ['an unknown host name', 'https://img.invalid', 'DnsFailure'],
    ['a closed port', 'http://localhost:1', 'Unreachable'],
  ])('reports %s', async (_name, domain, code) => {
    const { doctor } = await startLab();
    expect((await doctor({ ALIYUN_OSS_FILE_DOMAIN: domain })).faults).toEqual({ read: code });
  });

  it('reports a change of the protocol', async () => {
    const { doctor } = await startLab();
    const domain = await serve(({ socket }) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    );
    expect((await doctor({ ALIYUN_OSS_FILE_DOMAIN: domain })).faults).toEqual({ read: 'PublicError' });
  });

  it('reports a bucket without public read', async () => {
    const { doctor } = await startLab({ publicPrefixes: ['elsewhere/'] });
    expect((await doctor()).faults).toEqual({ read: 'PublicReadDenied' });
  });
});

describe('settings', () => {
  it('reports all faults with fixes and exits with 2', async () => {
    const { exit, out, err } = await runOps(['doctor'], { ALIYUN_OSS_BUCKET: 'Bad Bucket' });
    expect({ exit, out }).toEqual({ exit: 78, out: '' });
    for (const name of ['ENDPOINT', 'REGION', 'BUCKET', 'FILE_DOMAIN'])
      expect(err).toContain(`ALIYUN_OSS_${name}`);
    expect(err).toContain('fix:');
  });

  it('reports faults as JSON', async () => {
    const { exit, out } = await runOps(['doctor', '--json'], {});
    expect(exit).toBe(78);
    const { ok, settings } = JSON.parse(out);
    expect(ok).toBe(false);
    expect(settings).toHaveLength(7);
  });

  it('never prints a secret', async () => {
    const { ops } = await startLab();
    const { out, err } = await ops(['doctor', '--json'], { ALIYUN_OSS_BUCKET: 'other-bucket' });
    expect(out + err).not.toContain(SECRET);
  });
});

const XML = { 'content-type': 'application/xml', 'x-oss-request-id': '1' };

/** A server that stores every put, overwrites existing keys, and always sends `headers`. */
async function fakeBucket(headers: Record<string, string>): Promise<string> {
  const objects = new Map<string, { body: Buffer; type: string; meta: string }>();
  return serve(async (request, response) => {
    const key = (request.url ?? '').replace('/lab-bucket', '');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url?.includes('list-type') === true)
      return response.writeHead(403, XML).end('<Error><Code>AccessDenied</Code></Error>');
    if (request.method === 'DELETE') return response.writeHead(204, headers).end();
    if (request.method === 'PUT') {
      const type = request.headers['content-type'] ?? '';
      const meta = String(request.headers['x-oss-meta-pixdock-doctor']);
      objects.set(key, { body: Buffer.concat(chunks), type, meta });
    }
    const stored = objects.get(key);
    if (stored === undefined) return response.writeHead(404).end();
    response.writeHead(200, {
      ...headers,
      etag: `"${hash('md5', stored.body).toUpperCase()}"`,
      'content-type': stored.type,
      'x-oss-meta-pixdock-doctor': stored.meta,
      ...(request.method === 'PUT' ? {} : { 'content-length': stored.body.length }),
    });
    return response.end(request.method === 'GET' ? stored.body : undefined);
  });
}
