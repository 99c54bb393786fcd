import { expect, test } from 'vitest';
import { presigned, send, signed, xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

const minute = 60_000;

test('returns the string to sign when the signature does not match', async () => {
  const oss = await startTestOss();
  const response = await send(oss, signed(oss, { method: 'PUT', key: 'a', body: 'x', secret: 'guess' }));
  expect(response.status).toBe(403);
  expect(xmlText(response.text, 'Code')).toBe('SignatureDoesNotMatch');
  expect(xmlText(response.text, 'StringToSign')).toMatch(
    /^OSS4-HMAC-SHA256\n\d{8}T\d{6}Z\n\d{8}\/cn-hangzhou\/oss\//,
  );
  expect(xmlText(response.text, 'CanonicalRequest')).toMatch(/^PUT\n\/lab-bucket\/a\n\n/);
  expect(xmlText(response.text, 'SignatureProvided')).toMatch(/^[0-9a-f]{64}$/);
  expect(xmlText(response.text, 'HostId')).toBe('localhost');
  expect(xmlText(response.text, 'RequestId')).toBe(response.headers['x-oss-request-id']);
  expect(response.text).not.toContain(oss.accessKeySecret);
});

test.each([
  [14.9, 404],
  [-14.9, 404],
  [15.2, 403],
  [-15.2, 403],
])('responds to a clock %d minutes ahead with %d', async (minutes, status) => {
  const oss = await startTestOss();
  const response = await send(oss, signed(oss, { key: 'absent', clockAheadMs: minutes * minute }));
  expect(response.status).toBe(status);
  expect(xmlText(response.text, 'Code')).toBe(status === 403 ? 'RequestTimeTooSkewed' : 'NoSuchKey');
});

test('rejects added, changed or removed signed parts of a request', async () => {
  const oss = await startTestOss();
  const request = signed(oss, {
    method: 'PUT',
    key: 'a',
    body: 'x',
    headers: { 'content-type': 'image/png' },
  });
  const tampered = [
    { ...request, headers: { ...request.headers, 'x-oss-forbid-overwrite': 'false' } },
    { ...request, headers: { ...request.headers, 'content-type': 'text/html' } },
    { ...request, headers: { ...request.headers, 'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==' } },
    { ...request, path: '/lab-bucket/b' },
    { ...request, method: 'DELETE' },
  ];
  for (const changed of tampered) expect((await send(oss, changed)).status).toBe(403);
  // Cache-Control is signed only as an additional header.
  const loose = { ...request, headers: { ...request.headers, 'cache-control': 'no-store' } };
  expect((await send(oss, loose)).status).toBe(200);
});

test('rejects a credential with another date than the signature', async () => {
  const oss = await startTestOss();
  const request = signed(oss, { key: 'absent' });
  const authorization = request.headers?.['authorization']?.replace(/\/\d{8}\//, '/20260102/') ?? '';
  const response = await send(oss, { ...request, headers: { ...request.headers, authorization } });
  expect([response.status, xmlText(response.text, 'EC')]).toEqual([403, '0002-00000503']);
});

test('verifies additional headers and rejects missing or empty ones', async () => {
  const oss = await startTestOss();
  const headers = { 'cache-control': 'no-store' };
  const request = signed(oss, {
    method: 'PUT',
    key: 'a',
    body: 'x',
    headers,
    additionalHeaders: ['cache-control'],
  });
  const changed = { ...request, headers: { ...request.headers, 'cache-control': 'public' } };
  expect((await send(oss, changed)).status).toBe(403);
  expect((await send(oss, request)).status).toBe(200);
  const absent = signed(oss, { method: 'PUT', key: 'a', body: 'x', additionalHeaders: ['expires'] });
  expect((await send(oss, absent)).status).toBe(400);
  const authorization = request.headers?.['authorization']?.replace(
    /AdditionalHeaders=[^,]*/,
    'AdditionalHeaders=',
  );
  const empty = { ...request, headers: { ...request.headers, authorization: authorization ?? '' } };
  expect((await send(oss, empty)).status).toBe(400);
});

test('rejects a payload that is not declared unsigned', async () => {
  const oss = await startTestOss();
  const response = await send(
    oss,
    signed(oss, { key: 'a', headers: { 'x-oss-content-sha256': 'e3b0c442' } }),
  );
  expect([response.status, xmlText(response.text, 'EC')]).toEqual([400, '0002-00000214']);
});

test('requires the token of a temporary key and rejects one for a permanent key', async () => {
  const sts = await startTestOss({ securityToken: 'tok' });
  const put = { method: 'PUT', key: 'a', body: 'x' };
  const withToken = (token: string) => ({ ...put, headers: { 'x-oss-security-token': token } });
  const codeOf = async (response: ReturnType<typeof send>) => xmlText((await response).text, 'Code');
  expect((await send(sts, signed(sts, withToken('tok')))).status).toBe(200);
  expect(await codeOf(send(sts, signed(sts, put)))).toBe('InvalidAccessKeyId');
  expect(await codeOf(send(sts, signed(sts, withToken('other'))))).toBe('InvalidSecurityToken');
  const url = (token: string) => presigned(sts, { key: 'a', query: { 'x-oss-security-token': token } });
  expect((await send(sts, { path: url('tok') })).status).toBe(200);
  expect(await codeOf(send(sts, { path: url('other') }))).toBe('InvalidSecurityToken');

  const permanent = await startTestOss();
  expect(await codeOf(send(permanent, signed(permanent, withToken('tok'))))).toBe('InvalidAccessKeyId');
});

test.each([
  ['1', 0, 404, 'NoSuchKey', undefined],
  ['604800', 0, 404, 'NoSuchKey', undefined],
  ['604800', 14.9 * minute, 404, 'NoSuchKey', undefined],
  ['0', 0, 400, 'InvalidArgument', '0002-00000232'],
  ['604801', 0, 400, 'InvalidArgument', '0002-00000232'],
  ['-1', 0, 400, 'InvalidArgument', '0002-00000232'],
  ['1e2', 0, 400, 'InvalidArgument', '0002-00000232'],
  ['60', -2 * minute, 403, 'AccessDenied', '0002-00000236'],
  ['60', 15.2 * minute, 403, 'AccessDenied', '0002-00000235'],
])(
  'responds to a URL valid for %s s and signed %d ms ahead with %d %s',
  async (expires, clockAheadMs, status, code, ec) => {
    const oss = await startTestOss({ publicPrefixes: [] });
    const response = await send(oss, { path: presigned(oss, { key: 'absent', expires, clockAheadMs }) });
    expect([response.status, xmlText(response.text, 'Code')]).toEqual([status, code]);
    if (ec) expect(xmlText(response.text, 'EC')).toBe(ec);
  },
);

test('accepts a presigned URL only for its key, method and parameters', async () => {
  const oss = await startTestOss({ publicPrefixes: [] });
  const path = presigned(oss, { key: 'a', expires: '600' });
  expect((await send(oss, { path: path.replace('/a?', '/b?') })).status).toBe(403);
  expect((await send(oss, { path, method: 'DELETE' })).status).toBe(403);
  expect((await send(oss, { path: path.replace('x-oss-expires=600', 'x-oss-expires=604800') })).status).toBe(
    403,
  );
  const both = { path, headers: signed(oss, { key: 'a' }).headers ?? {} };
  expect((await send(oss, both)).status).toBe(400);
});

test('allows unsigned requests only to read public objects', async () => {
  const oss = await startTestOss({ publicPrefixes: ['pub/'] });
  for (const key of ['pub/a', 'private/a']) await send(oss, signed(oss, { method: 'PUT', key, body: 'x' }));
  expect((await send(oss, { path: '/lab-bucket/pub/a' })).text).toBe('x');
  expect((await send(oss, { path: '/lab-bucket/pub/a', method: 'HEAD' })).status).toBe(200);
  const refused = [
    { path: '/lab-bucket/private/a' },
    { path: '/lab-bucket/private/a', method: 'HEAD' },
    { path: '/lab-bucket/pub/a', method: 'DELETE' },
    { path: '/lab-bucket/pub/b', method: 'PUT', body: 'x' },
    { path: '/lab-bucket/?list-type=2' },
    { path: '/another-bucket', method: 'PUT', body: '' },
  ];
  for (const denied of refused) expect((await send(oss, denied)).status).toBe(403);
  expect((await send(oss, { path: '/lab-bucket/pub/a' })).status).toBe(200);
});

test('rejects V1 in a URL, and any other scheme', async () => {
  const oss = await startTestOss();
  const v1 = await send(oss, { path: '/lab-bucket/a?OSSAccessKeyId=LTAIdev&Expires=9999999999&Signature=x' });
  expect([v1.status, xmlText(v1.text, 'EC')]).toEqual([403, '0002-00000080']);
  expect((await send(oss, { path: '/lab-bucket/a', headers: { authorization: 'Bearer x' } })).status).toBe(
    400,
  );
});

test('lets nobody read a private bucket without a signature', async () => {
  const oss = await startTestOss({ privateBuckets: ['lab-secrets'] });
  const bucket = 'lab-secrets';
  expect((await send(oss, signed(oss, { method: 'PUT', bucket, key: 'a', body: 'x' }))).status).toBe(200);
  const codeOf = async (path: string) => {
    const { status, text } = await send(oss, { path });
    return [status, xmlText(text, 'Code')];
  };
  expect(await codeOf('/lab-secrets/a')).toEqual([403, 'AccessDenied']);
  expect(await codeOf('/lab-secrets/absent')).toEqual([403, 'AccessDenied']);
  expect((await send(oss, { path: presigned(oss, { bucket, key: 'a' }) })).status).toBe(200);
  const expired = presigned(oss, { bucket, key: 'a', expires: '60', clockAheadMs: -2 * minute });
  expect(await codeOf(expired)).toEqual([403, 'AccessDenied']);
});
