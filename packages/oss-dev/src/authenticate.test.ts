import { expect, test } from 'vitest';
import { presigned, send, signed, xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

const minute = 60_000;

test('a wrong secret is told what was signed', async () => {
  const oss = await startTestOss();
  const answer = await send(oss, signed(oss, { method: 'PUT', key: 'a', body: 'x', secret: 'guess' }));
  expect(answer.status).toBe(403);
  expect(xmlText(answer.text, 'Code')).toBe('SignatureDoesNotMatch');
  expect(xmlText(answer.text, 'StringToSign')).toMatch(
    /^OSS4-HMAC-SHA256\n\d{8}T\d{6}Z\n\d{8}\/cn-hangzhou\/oss\//,
  );
  expect(xmlText(answer.text, 'CanonicalRequest')).toMatch(/^PUT\n\/lab-bucket\/a\n\n/);
  expect(xmlText(answer.text, 'SignatureProvided')).toMatch(/^[0-9a-f]{64}$/);
  expect(xmlText(answer.text, 'HostId')).toBe('localhost');
  expect(xmlText(answer.text, 'RequestId')).toBe(answer.headers['x-oss-request-id']);
  expect(answer.text).not.toContain(oss.accessKeySecret);
});

test.each([
  ['another key id', { accessKeyId: 'LTAIother' }, 403, 'InvalidAccessKeyId', '0002-00000902'],
  ['another region', { region: 'cn-shanghai' }, 400, 'InvalidArgument', '0002-00000226'],
  ['an endpoint for a region', { region: 'oss-cn-hangzhou' }, 400, 'InvalidArgument', '0002-00000226'],
])('%s is refused', async (_name, override, status, code, ec) => {
  const oss = await startTestOss();
  const answer = await send(oss, signed({ ...oss, ...override }, { key: 'a' }));
  expect(answer.status).toBe(status);
  expect([xmlText(answer.text, 'Code'), xmlText(answer.text, 'EC')]).toEqual([code, ec]);
  expect(answer.headers['x-oss-ec']).toBe(ec);
});

test.each([
  [14.9, 404],
  [-14.9, 404],
  [15.2, 403],
  [-15.2, 403],
])('a clock %d minutes ahead gets %d', async (minutes, status) => {
  const oss = await startTestOss();
  const answer = await send(oss, signed(oss, { key: 'absent', ahead: minutes * minute }));
  expect(answer.status).toBe(status);
  expect(xmlText(answer.text, 'Code')).toBe(status === 403 ? 'RequestTimeTooSkewed' : 'NoSuchKey');
});

test('what is signed cannot be added, changed or taken away', async () => {
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
  for (const sent of tampered) expect((await send(oss, sent)).status).toBe(403);
  // Cache-Control is not signed, unless the client asks for it.
  const loose = { ...request, headers: { ...request.headers, 'cache-control': 'no-store' } };
  expect((await send(oss, loose)).status).toBe(200);
});

test('the credential is of the day of the signature', async () => {
  const oss = await startTestOss();
  const request = signed(oss, { key: 'absent' });
  const authorization = request.headers?.['authorization']?.replace(/\/\d{8}\//, '/20260102/') ?? '';
  const answer = await send(oss, { ...request, headers: { ...request.headers, authorization } });
  expect([answer.status, xmlText(answer.text, 'EC')]).toEqual([403, '0002-00000503']);
});

test('additional headers are signed, must be there, and must not be empty', async () => {
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

test('the payload must be declared unsigned', async () => {
  const oss = await startTestOss();
  const answer = await send(oss, signed(oss, { key: 'a', headers: { 'x-oss-content-sha256': 'e3b0c442' } }));
  expect([answer.status, xmlText(answer.text, 'EC')]).toEqual([400, '0002-00000214']);
});

test('a temporary key needs its token, and a lasting one has none', async () => {
  const sts = await startTestOss({ securityToken: 'tok' });
  const put = { method: 'PUT', key: 'a', body: 'x' };
  const withToken = (token: string) => ({ ...put, headers: { 'x-oss-security-token': token } });
  const codeOf = async (answer: ReturnType<typeof send>) => xmlText((await answer).text, 'Code');
  expect((await send(sts, signed(sts, withToken('tok')))).status).toBe(200);
  expect(await codeOf(send(sts, signed(sts, put)))).toBe('InvalidAccessKeyId');
  expect(await codeOf(send(sts, signed(sts, withToken('other'))))).toBe('InvalidSecurityToken');
  const url = (token: string) => presigned(sts, { key: 'a', query: { 'x-oss-security-token': token } });
  expect((await send(sts, { path: url('tok') })).status).toBe(200);
  expect(await codeOf(send(sts, { path: url('other') }))).toBe('InvalidSecurityToken');

  const lasting = await startTestOss();
  expect(await codeOf(send(lasting, signed(lasting, withToken('tok'))))).toBe('InvalidSecurityToken');
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
])('a URL good for %s s, signed %d ms ahead, gets %d %s', async (expires, ahead, status, code, ec) => {
  const oss = await startTestOss({ publicPrefixes: [] });
  const answer = await send(oss, { path: presigned(oss, { key: 'absent', expires, ahead }) });
  expect([answer.status, xmlText(answer.text, 'Code')]).toEqual([status, code]);
  if (ec) expect(xmlText(answer.text, 'EC')).toBe(ec);
});

test('a presigned URL is for its key, method and parameters only', async () => {
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

test('without a signature one reads what is public, and nothing else', async () => {
  const oss = await startTestOss({ publicPrefixes: ['pub/'] });
  for (const key of ['pub/a', 'private/a']) await send(oss, signed(oss, { method: 'PUT', key, body: 'x' }));
  expect((await send(oss, { path: '/lab-bucket/pub/a' })).text).toBe('x');
  expect((await send(oss, { path: '/lab-bucket/pub/a', method: 'HEAD' })).status).toBe(200);
  const refused = [
    { path: '/lab-bucket/private/a' },
    { path: '/lab-bucket/private/a', method: 'HEAD' },
    { path: '/lab-bucket/pub/a', method: 'DELETE' },
    { path: '/lab-bucket/pub/b', method: 'PUT', body: 'x' },
    { path: '/lab-bucket/' },
    { path: '/lab-bucket/?list-type=2' },
    { path: '/another-bucket', method: 'PUT', body: '' },
  ];
  for (const sent of refused) expect((await send(oss, sent)).status).toBe(403);
  expect((await send(oss, { path: '/lab-bucket/pub/a' })).status).toBe(200);
});

test('V1 in a URL is refused even where V1 is allowed, and so is any other scheme', async () => {
  const oss = await startTestOss({ allowV1: true });
  const v1 = await send(oss, { path: '/lab-bucket/a?OSSAccessKeyId=LTAIdev&Expires=9999999999&Signature=x' });
  expect([v1.status, xmlText(v1.text, 'EC')]).toEqual([403, '0002-00000080']);
  expect((await send(oss, { path: '/lab-bucket/a', headers: { authorization: 'Bearer x' } })).status).toBe(
    400,
  );
});

test('V1 headers are checked for their date as well', async () => {
  const oss = await startTestOss({ allowV1: true });
  const headers = {
    authorization: 'OSS LTAIdev:abc',
    date: new Date(Date.now() - 16 * minute).toUTCString(),
  };
  const answer = await send(oss, { path: '/lab-bucket/a', headers });
  expect(xmlText(answer.text, 'Code')).toBe('RequestTimeTooSkewed');
  const undated = await send(oss, { path: '/lab-bucket/a', headers: { authorization: 'OSS LTAIdev:abc' } });
  expect(xmlText(undated.text, 'Code')).toBe('AccessDenied');
});
