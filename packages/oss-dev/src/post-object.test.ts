import { expect, test } from 'vitest';
import { algorithm, scopeOf, signV4 } from './auth/v4.js';
import { aliClient } from './testing/ali-client.js';
import { type Answer, send, toDateTime, xmlText } from './testing/http.js';
import { startTestOss, type TestOss } from './testing/test-oss.js';

const hour = 3_600_000;
type Change = {
  conditions?: unknown[];
  /** Conditions instead of the usual ones. */
  only?: unknown[];
  expiration?: unknown;
  fields?: Record<string, string>;
  without?: string[];
  ahead?: number;
  file?: string;
  secret?: string;
  policy?: string;
};

test('a form lands, with its headers and metadata', async () => {
  const oss = await startTestOss();
  const fields = {
    'Content-Type': 'image/png',
    'Cache-Control': 'no-store',
    'x-oss-meta-name': '照片',
    name: 'a field that OSS ignores',
  };
  const conditions = [
    ['content-length-range', 1, 1024],
    ['in', '$content-type', ['image/png', 'image/jpeg']],
  ];
  const answer = await post(oss, { fields, conditions });
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect(answer.headers).toMatchObject({ etag: '"5D41402ABC4B2A76B9719D911017C592"' });
  const got = await send(oss, { path: '/lab-bucket/up/a.png' });
  expect(got.text).toBe('hello');
  expect(got.headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'no-store' });
  expect(Buffer.from(String(got.headers['x-oss-meta-name']), 'latin1').toString()).toBe('照片');
});

test('the type is the file part’s when no field says another, and the policy is asked about that one', async () => {
  const oss = await startTestOss();
  const conditions = [['eq', '$content-type', 'image/gif']];
  expect((await post(oss, { conditions })).status).toBe(204);
  expect((await send(oss, { path: '/lab-bucket/up/a.png' })).headers['content-type']).toBe('image/gif');
  expect((await post(oss, { conditions, fields: { 'x-oss-content-type': 'text/html' } })).status).toBe(403);
});

test.each([
  ['200', 200],
  ['201', 201],
  ['204', 204],
  ['302', 204],
])('success_action_status %s gets %d', async (asked, status) => {
  const oss = await startTestOss();
  const conditions = [['eq', '$success_action_status', asked]];
  const answer = await post(oss, { conditions, fields: { success_action_status: asked } });
  expect(answer.status).toBe(status);
  if (status === 201)
    expect([xmlText(answer.text, 'Bucket'), xmlText(answer.text, 'Key')]).toEqual(['lab-bucket', 'up/a.png']);
});

test('${filename} in the key is the file’s, and the policy sees the result', async () => {
  const oss = await startTestOss();
  const only = ['x-oss-signature-version', 'x-oss-credential', 'x-oss-date'];
  const fields = { key: 'up/${filename}' };
  expect((await post(oss, { fields })).status).toBe(403);
  const open = [['starts-with', '$key', 'up/f']];
  expect((await post(oss, { fields, only: [...only, ...open] })).status).toBe(204);
  expect((await send(oss, { path: '/lab-bucket/up/file.gif' })).text).toBe('hello');
});

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

test('a form of six days ago is still good', async () => {
  expect((await post(await startTestOss(), { ahead: -6 * 24 * hour })).status).toBe(204);
});

test('a temporary key’s form carries its token, and the policy names it', async () => {
  const oss = await startTestOss({ securityToken: 'tok' });
  const token = { 'x-oss-security-token': 'tok' };
  expect((await post(oss, { fields: token, conditions: [token] })).status).toBe(204);
  expect(xmlText((await post(oss, { fields: token })).text, 'Code')).toBe('AccessDenied');
  expect(xmlText((await post(oss, {})).text, 'Code')).toBe('InvalidAccessKeyId');
  const wrong = { 'x-oss-security-token': 'other' };
  expect(xmlText((await post(oss, { fields: wrong, conditions: [wrong] })).text, 'Code')).toBe(
    'InvalidSecurityToken',
  );
});

test('forbid-overwrite works in forms', async () => {
  const oss = await startTestOss();
  const fields = { 'x-oss-forbid-overwrite': 'true' };
  expect((await post(oss, { fields })).status).toBe(204);
  const second = await post(oss, { fields });
  expect([second.status, xmlText(second.text, 'Code')]).toEqual([409, 'FileAlreadyExists']);
});

test('a policy signed by ali-oss is accepted at the virtual host', async () => {
  const oss = await startTestOss();
  const date = new Date();
  const credential = `${oss.accessKeyId}/${scopeOf(toDateTime(date.getTime()), oss.region)}`;
  const policy = {
    expiration: new Date(Date.now() + hour).toISOString(),
    conditions: [
      { bucket: 'lab-bucket' },
      { 'x-oss-signature-version': algorithm },
      { 'x-oss-credential': credential },
      { 'x-oss-date': toDateTime(date.getTime()) },
    ],
  };
  const form = new FormData();
  form.set('key', 'from-fetch');
  form.set('policy', Buffer.from(JSON.stringify(policy)).toString('base64'));
  form.set('x-oss-signature-version', algorithm);
  form.set('x-oss-credential', credential);
  form.set('x-oss-date', toDateTime(date.getTime()));
  form.set('x-oss-signature', aliClient(oss).signPostObjectPolicyV4(policy, date));
  form.set('file', new Blob(['hello'], { type: 'image/gif' }), 'file.gif');
  const encoded = new Response(form);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  const body = Buffer.from(await encoded.arrayBuffer());
  expect((await send(oss, { method: 'POST', host: 'lab-bucket.localhost', headers, body })).status).toBe(204);
  expect((await send(oss, { path: '/lab-bucket/from-fetch' })).text).toBe('hello');
});

test.each([
  ['no form at all', 'text/plain', 'x', 'RequestIsNotMultiPartContent'],
  ['a form without a boundary', 'multipart/form-data', 'x', 'RequestIsNotMultiPartContent'],
  ['a form without a file', 'multipart/form-data; boundary=b', '--b--\r\n', 'InvalidArgument'],
  ['a broken form', 'multipart/form-data; boundary=b', 'nonsense', 'MalformedPOSTRequest'],
])('%s is refused', async (_name, contentType, body, code) => {
  const headers = { 'content-type': contentType };
  const answer = await send(await startTestOss(), { method: 'POST', path: '/lab-bucket/', headers, body });
  expect([answer.status, xmlText(answer.text, 'Code')]).toEqual([400, code]);
});

test('a form cut off within its file is refused, and nothing is stored', async () => {
  const oss = await startTestOss();
  const whole = form(oss, {});
  const body = whole.body.subarray(0, whole.body.indexOf('hello') + 3);
  const headers = { ...whole.headers, 'content-length': String(body.length) };
  const answer = await send(oss, { ...whole, headers, body });
  expect([answer.status, xmlText(answer.text, 'Code')]).toEqual([400, 'MalformedPOSTRequest']);
  expect((await send(oss, { path: '/lab-bucket/up/a.png' })).status).toBe(404);
});

function post(oss: TestOss, change: Change): Promise<Answer> {
  return send(oss, form(oss, change));
}

function form(oss: TestOss, change: Change) {
  const dateTime = toDateTime(Date.now() + (change.ahead ?? 0));
  const signing: Record<string, string> = {
    'x-oss-signature-version': algorithm,
    'x-oss-credential': `${oss.accessKeyId}/${scopeOf(dateTime, oss.region)}`,
    'x-oss-date': dateTime,
  };
  const usual = [{ bucket: 'lab-bucket' }, ['eq', '$key', 'up/a.png'], ...Object.keys(signing)];
  const named = (condition: unknown) =>
    typeof condition === 'string' ? { [condition]: signing[condition] } : condition;
  const conditions = [...(change.only ?? usual), ...(change.conditions ?? [])].map(named);
  const expiration = change.expiration ?? new Date(Date.now() + hour).toISOString();
  const policy = Buffer.from(change.policy ?? JSON.stringify({ expiration, conditions })).toString('base64');
  const signature = signV4(change.secret ?? oss.accessKeySecret, dateTime, oss.region, policy);
  const fields = { key: 'up/a.png', policy, ...signing, 'x-oss-signature': signature, ...change.fields };
  const parts = Object.entries(fields)
    .filter(([name]) => !change.without?.includes(name))
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const file = 'Content-Disposition: form-data; name="file"; filename="file.gif"\r\nContent-Type: image/gif';
  const body = Buffer.from(`${parts.join('')}--b\r\n${file}\r\n\r\n${change.file ?? 'hello'}\r\n--b--\r\n`);
  const headers = {
    'content-type': 'multipart/form-data; boundary=b',
    'content-length': String(body.length),
  };
  return { method: 'POST', path: '/lab-bucket/', headers, body };
}
