import { expect, test } from 'vitest';
import { canonicalRequest, scopeOf, signingKey, signV4, stringToSign } from './v4.js';

// Vectors from an independent signer that also reproduces the vectors of alibabacloud-oss-go-sdk-v2.
const secret = 'devsecret';
const region = 'cn-hangzhou';
const dateTime = '20260102T030405Z';
const key = 'img/ab/测试 1+2.webp';
const headers = { 'x-oss-content-sha256': 'UNSIGNED-PAYLOAD', 'x-oss-date': dateTime };

test('derives the signing key', () => {
  expect(signingKey(secret, dateTime, region).toString('hex')).toBe(
    '5c191feb37e83edf841fcbd3ef7643eb64007a078c849a4ae73c3f3e60e6d804',
  );
});

test('signs a PUT with all signed headers (vector 1)', () => {
  const signature = sign(
    'PUT',
    key,
    {},
    {
      ...headers,
      'content-type': 'image/webp',
      'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==',
      'x-oss-forbid-overwrite': 'true',
      'x-oss-meta-sha256': 'abc',
    },
  );
  expect(signature).toBe('6c2503b297b74ee0d32c95b6ae60aa1f442b6dcd59156d47b9b1adb6d97a9825');
});

test('signs a listing with an empty parameter, a token and an additional header (vector 2)', () => {
  const query = { 'list-type': '2', prefix: 'img/', marker: '' };
  const signedHeaders = {
    ...headers,
    'x-oss-security-token': 'tok',
    'content-length': '5',
    'user-agent': 'unsigned',
  };
  expect(sign('GET', undefined, query, signedHeaders, ['content-length'])).toBe(
    '67af2cccb34afc778db84ced3e7bda0e859f7defaf1a1b9137139fa13edad69d',
  );
});

test('signs a presigned PUT (vector 3)', () => {
  const query = {
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': `LTAIdev/${scopeOf(dateTime, region)}`,
    'x-oss-date': dateTime,
    'x-oss-expires': '600',
  };
  expect(sign('PUT', key, query, { 'content-type': 'image/webp' })).toBe(
    'c1bd1cd755b7ae840823d98e4c0d6fb52b4a3eb24bfe6735ec012a294842210c',
  );
});

test('signs the policy of a form (vector 4)', () => {
  const policy =
    '{"expiration":"2026-01-02T04:04:05.000Z","conditions":[{"bucket":"lab-bucket"},["content-length-range",1,1048576]]}';
  expect(signV4(secret, dateTime, region, Buffer.from(policy).toString('base64'))).toBe(
    'f23590db0a53146149a43eda7e1e90025b60115a6180de48bffcf16416281b94',
  );
});

function sign(
  method: string,
  objectKey: string | undefined,
  query: Record<string, string>,
  signedHeaders: Record<string, string>,
  additionalHeaders: string[] = [],
): string {
  const canonical = canonicalRequest({
    method,
    bucket: 'lab-bucket',
    key: objectKey,
    query: new Map(Object.entries(query)),
    headers: signedHeaders,
    additionalHeaders,
  });
  return signV4(secret, dateTime, region, stringToSign(dateTime, region, canonical));
}
