import { expect, test } from 'vitest';
import { aliClient } from './testing/ali-client.js';
import { type FormOverrides, hour, post } from './testing/form.js';
import { xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

test.each<[string, FormOverrides, number, string, string?]>([
  ['another bucket', { conditions: [{ bucket: 'other' }] }, 403, 'AccessDenied', '0006-00000227'],
  ['another key', { fields: { key: 'up/b.png' } }, 403, 'AccessDenied', '0006-00000227'],
  [
    'a key without the prefix',
    { conditions: [['starts-with', '$key', 'down/']] },
    403,
    'AccessDenied',
    '0006-00000227',
  ],
  [
    'a value outside the list',
    { conditions: [['in', '$content-type', ['image/png']]] },
    403,
    'AccessDenied',
    '0006-00000227',
  ],
  [
    'a forbidden value',
    { conditions: [['not-in', '$content-type', ['image/gif']]] },
    403,
    'AccessDenied',
    '0006-00000227',
  ],
  ['a missing field', { conditions: [['eq', '$x-oss-meta-a', 'b']] }, 403, 'AccessDenied', '0006-00000226'],
  ['an expired policy', { expiration: new Date(Date.now() - 1000).toISOString() }, 403, 'AccessDenied'],
  ['a file that is too large', { conditions: [['content-length-range', 1, 4]] }, 400, 'EntityTooLarge'],
  ['a file that is too small', { conditions: [['content-length-range', 6, 9]] }, 400, 'EntityTooSmall'],
  [
    'a file outside one of two ranges',
    {
      conditions: [
        ['content-length-range', 0, 9],
        ['content-length-range', 0, 4],
      ],
    },
    400,
    'EntityTooLarge',
  ],
  [
    'a policy without a condition on the date',
    { only: ['x-oss-signature-version', 'x-oss-credential'] },
    403,
    'AccessDenied',
  ],
  [
    'a policy without a condition on the credential',
    { only: ['x-oss-signature-version', 'x-oss-date'] },
    403,
    'AccessDenied',
  ],
  [
    'a policy without a condition on the version',
    { only: ['x-oss-credential', 'x-oss-date'] },
    403,
    'AccessDenied',
  ],
  ['a wrong signature', { secret: 'guess' }, 403, 'SignatureDoesNotMatch'],
  ['a form without a policy', { without: ['policy'] }, 403, 'AccessDenied', '0002-00000702'],
  ['a form without a signature', { without: ['x-oss-signature'] }, 400, 'InvalidArgument', '0002-00000703'],
  [
    'a form without a signature version',
    { without: ['x-oss-signature-version'] },
    400,
    'InvalidArgument',
    '0002-00000701',
  ],
  [
    'another key pair',
    { fields: { 'x-oss-credential': 'LTAIother/20260102/cn-hangzhou/oss/aliyun_v4_request' } },
    403,
    'InvalidAccessKeyId',
  ],
  [
    'a malformed credential',
    { fields: { 'x-oss-credential': 'LTAIdev' } },
    400,
    'InvalidArgument',
    '0002-00000710',
  ],
  ['a form from the future', { clockAheadMs: 0.26 * hour }, 403, 'AccessDenied', '0002-00000235'],
  ['a form older than a week', { clockAheadMs: -7 * 24 * hour - 1000 }, 403, 'AccessDenied', '0002-00000236'],
  [
    'V1 fields',
    { fields: { OSSAccessKeyId: 'LTAIdev', Signature: 'x' } },
    403,
    'AccessDenied',
    '0002-00000080',
  ],
  [
    'a form without a key',
    { without: ['key'], only: ['x-oss-signature-version', 'x-oss-credential', 'x-oss-date'] },
    400,
    'InvalidObjectName',
  ],
  [
    'a policy without conditions',
    { policy: '{"expiration":"2999-01-01T00:00:00Z"}' },
    400,
    'InvalidPolicyDocument',
    '0006-00000207',
  ],
  [
    'a policy with empty conditions',
    { policy: '{"expiration":"2999-01-01T00:00:00Z","conditions":[]}' },
    400,
    'InvalidPolicyDocument',
    '0006-00000215',
  ],
  [
    'a policy without an expiration',
    { policy: '{"conditions":[{"bucket":"lab-bucket"}]}' },
    400,
    'InvalidPolicyDocument',
    '0006-00000208',
  ],
  ['a policy that is not JSON', { policy: 'nonsense' }, 400, 'InvalidPolicyDocument', '0006-00000201'],
  ['a condition with two properties', { conditions: [{ a: 'b', c: 'd' }] }, 400, 'InvalidPolicyDocument'],
  ['a condition that is a number', { conditions: [123] }, 400, 'InvalidPolicyDocument', '0006-00000222'],
  ['a condition without a mode', { conditions: [['$key']] }, 400, 'InvalidPolicyDocument', '0006-00000216'],
  [
    'a not-in condition without a list',
    { conditions: [['not-in', '$cache-control', 'x']] },
    400,
    'InvalidPolicyDocument',
    '0006-00000224',
  ],
  [
    'a range of words',
    { conditions: [['content-length-range', 'a', 'b']] },
    400,
    'InvalidPolicyDocument',
    '0006-00000224',
  ],
  ['a callback', { fields: { callback: 'e30=' } }, 501, 'NotImplemented'],
  ['a redirect', { fields: { success_action_redirect: 'http://x/' } }, 501, 'NotImplemented'],
  ['an ACL', { fields: { 'x-oss-object-acl': 'public-read' } }, 501, 'NotImplemented'],
  [
    'a header value with a line break',
    { fields: { 'Cache-Control': 'a\r\nset-cookie: b' } },
    400,
    'InvalidArgument',
  ],
])('rejects %s and stores nothing', async (_name, overrides, status, code, ec) => {
  const oss = await startTestOss();
  const response = await post(oss, overrides);
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([status, code]);
  if (ec) expect(xmlText(response.text, 'EC')).toBe(ec);
  const list = await aliClient(oss).listV2({ 'max-keys': 10 }, {});
  expect(list.objects).toEqual([]);
});
