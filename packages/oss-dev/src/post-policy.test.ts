import { expect, test } from 'vitest';
import { aliClient } from './testing/ali-client.js';
import { type Change, hour, post } from './testing/form.js';
import { xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

test.each<[string, Change, number, string, string?]>([
  ['another bucket', { conditions: [{ bucket: 'other' }] }, 403, 'AccessDenied', '0006-00000227'],
  ['another key', { fields: { key: 'up/b.png' } }, 403, 'AccessDenied', '0006-00000227'],
  [
    'a prefix that is not',
    { conditions: [['starts-with', '$key', 'down/']] },
    403,
    'AccessDenied',
    '0006-00000227',
  ],
  [
    'none of a list',
    { conditions: [['in', '$content-type', ['image/png']]] },
    403,
    'AccessDenied',
    '0006-00000227',
  ],
  [
    'one of a ban',
    { conditions: [['not-in', '$content-type', ['image/gif']]] },
    403,
    'AccessDenied',
    '0006-00000227',
  ],
  ['a field left out', { conditions: [['eq', '$x-oss-meta-a', 'b']] }, 403, 'AccessDenied', '0006-00000226'],
  ['an expired policy', { expiration: new Date(Date.now() - 1000).toISOString() }, 403, 'AccessDenied'],
  ['too large a file', { conditions: [['content-length-range', 1, 4]] }, 400, 'EntityTooLarge'],
  ['too small a file', { conditions: [['content-length-range', 6, 9]] }, 400, 'EntityTooSmall'],
  [
    'two ranges, one not met',
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
    'a policy silent on its date',
    { only: ['x-oss-signature-version', 'x-oss-credential'] },
    403,
    'AccessDenied',
  ],
  [
    'a policy silent on its credential',
    { only: ['x-oss-signature-version', 'x-oss-date'] },
    403,
    'AccessDenied',
  ],
  ['a policy silent on its version', { only: ['x-oss-credential', 'x-oss-date'] }, 403, 'AccessDenied'],
  ['a wrong signature', { secret: 'guess' }, 403, 'SignatureDoesNotMatch'],
  ['no policy', { without: ['policy'] }, 403, 'AccessDenied', '0002-00000702'],
  ['no signature', { without: ['x-oss-signature'] }, 400, 'InvalidArgument', '0002-00000703'],
  ['no version', { without: ['x-oss-signature-version'] }, 400, 'InvalidArgument', '0002-00000701'],
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
  ['a form of the far future', { ahead: 0.26 * hour }, 403, 'AccessDenied', '0002-00000235'],
  ['a form of last week', { ahead: -7 * 24 * hour - 1000 }, 403, 'AccessDenied', '0002-00000236'],
  [
    'V1 fields',
    { fields: { OSSAccessKeyId: 'LTAIdev', Signature: 'x' } },
    403,
    'AccessDenied',
    '0002-00000080',
  ],
  [
    'no key',
    { without: ['key'], only: ['x-oss-signature-version', 'x-oss-credential', 'x-oss-date'] },
    400,
    'InvalidObjectName',
  ],
  [
    'no conditions',
    { policy: '{"expiration":"2999-01-01T00:00:00Z"}' },
    400,
    'InvalidPolicyDocument',
    '0006-00000207',
  ],
  [
    'empty conditions',
    { policy: '{"expiration":"2999-01-01T00:00:00Z","conditions":[]}' },
    400,
    'InvalidPolicyDocument',
    '0006-00000215',
  ],
  [
    'no expiration',
    { policy: '{"conditions":[{"bucket":"lab-bucket"}]}' },
    400,
    'InvalidPolicyDocument',
    '0006-00000208',
  ],
  ['a policy that is no JSON', { policy: 'nonsense' }, 400, 'InvalidPolicyDocument', '0006-00000201'],
  ['a condition of two', { conditions: [{ a: 'b', c: 'd' }] }, 400, 'InvalidPolicyDocument'],
  ['a condition that is a number', { conditions: [123] }, 400, 'InvalidPolicyDocument', '0006-00000222'],
  ['a condition without a mode', { conditions: [['$key']] }, 400, 'InvalidPolicyDocument', '0006-00000216'],
  [
    'a ban that is no list',
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
  ['a header of two lines', { fields: { 'Cache-Control': 'a\r\nset-cookie: b' } }, 400, 'InvalidArgument'],
])('%s is refused, and nothing is stored', async (_name, change, status, code, ec) => {
  const oss = await startTestOss();
  const answer = await post(oss, change);
  expect([answer.status, xmlText(answer.text, 'Code')]).toEqual([status, code]);
  if (ec) expect(xmlText(answer.text, 'EC')).toBe(ec);
  const list = await aliClient(oss).list({ 'max-keys': 10 }, {});
  expect(list.objects).toEqual([]);
});
