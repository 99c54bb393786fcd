import { createHmac } from 'node:crypto';
import { beforeEach, expect, it, vi } from 'vitest';
import { verifyWebhook, WebhookVerificationError } from './verify-webhook.js';

// From the reference implementation of Standard Webhooks 1.0.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"test": 2432232314}';
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const NOW_MS = 1_614_265_330_000;
const OTHER = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS, toFake: ['Date'] });
  return () => void vi.useRealTimers();
});

it('returns the event of a request with a right signature', async () => {
  const event = { test: 2432232314 };
  expect(await verifyWebhook({ body: BODY, headers: HEADERS }, SECRET)).toEqual(event);
  const bytes = new TextEncoder().encode(BODY);
  expect(await verifyWebhook({ body: bytes, headers: new Headers(HEADERS) }, SECRET)).toEqual(event);
  const several = {
    'Webhook-Id': HEADERS['webhook-id'],
    'Webhook-Timestamp': HEADERS['webhook-timestamp'],
    'Webhook-Signature': `v1a,x v1,!! v1,AAAA ${HEADERS['webhook-signature']}`,
  };
  expect(await verifyWebhook({ body: BODY, headers: several }, [OTHER, SECRET])).toEqual(event);
});

it.each<[RegExp, Partial<typeof HEADERS>, string, number]>([
  [/No matching signature/, {}, `${BODY} `, NOW_MS],
  [/No matching signature/, { 'webhook-id': 'msg_2' }, BODY, NOW_MS],
  [
    /No matching signature/,
    { 'webhook-signature': 'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' },
    BODY,
    NOW_MS,
  ],
  [/too old/, {}, BODY, NOW_MS + 301_000],
  [/too new/, {}, BODY, NOW_MS - 301_000],
  [/Invalid/, { 'webhook-timestamp': 'now' }, BODY, NOW_MS],
])('rejects a request as %s', async (reason, changes, body, now) => {
  vi.setSystemTime(now);
  const request = { body, headers: { ...HEADERS, ...changes } };
  await expect(verifyWebhook(request, [SECRET, OTHER])).rejects.toThrow(reason);
});

it.each<[string, object, string | undefined, RegExp]>([
  ['another secret', {}, OTHER, /No matching signature.*another secret, or the body was parsed/],
  ['a parsed body', { body: JSON.parse(BODY) }, SECRET, /Pass the raw body, as received/],
  ['no body', { body: undefined }, SECRET, /Pass the raw body, as received/],
  ['an API key', {}, 'pxd_abc', /whsec_…/],
  ['a part of a secret', {}, 'whsec_x', /whsec_…/],
  ['no secret', {}, undefined, /whsec_…/],
])('explains a mistake of the caller: %s', async (_name, changes, secret, sentence) => {
  const request = { body: BODY, headers: HEADERS, ...changes };
  await expect(verifyWebhook(request, secret as string)).rejects.toThrow(sentence);
});

it('rejects a request without the headers', async () => {
  await expect(verifyWebhook({ body: BODY, headers: {} }, SECRET)).rejects.toThrow('Missing');
});

it('verifies the bytes of a body', async () => {
  const event = { data: { externalId: '图片' } };
  const bytes = new TextEncoder().encode(`…${JSON.stringify(event)}`);
  // A view that begins within its buffer.
  const body = bytes.subarray(3);
  const headers = { ...HEADERS, 'webhook-signature': signatureOf(body) };
  expect(await verifyWebhook({ body, headers }, SECRET)).toEqual(event);
  expect(await verifyWebhook({ body: Buffer.from(body), headers }, SECRET)).toEqual(event);
  for (const other of [body.subarray(1), Uint8Array.of(0xef, 0xbb, 0xbf, ...body), Uint8Array.of(0xff, 0)])
    await expect(verifyWebhook({ body: other, headers }, SECRET)).rejects.toThrow(WebhookVerificationError);
});

function signatureOf(body: Uint8Array): string {
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const start = `${HEADERS['webhook-id']}.${HEADERS['webhook-timestamp']}.`;
  return `v1,${createHmac('sha256', key).update(start).update(body).digest('base64')}`;
}
