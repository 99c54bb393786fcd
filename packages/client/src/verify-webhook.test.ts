import { expect, it } from 'vitest';
import { verifyWebhook, type WebhookFault } from './verify-webhook.js';

// From the reference implementation of Standard Webhooks 1.0.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"test": 2432232314}';
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const NOW_MS = 1_614_265_330_000;

it('returns the event of a request with a right signature', async () => {
  const event = { test: 2432232314 };
  expect(await verifyWebhook({ body: BODY, headers: HEADERS }, SECRET, NOW_MS)).toEqual(event);
  const bytes = new TextEncoder().encode(BODY);
  expect(await verifyWebhook({ body: bytes, headers: new Headers(HEADERS) }, SECRET, NOW_MS)).toEqual(event);
  const several = {
    'Webhook-Id': HEADERS['webhook-id'],
    'Webhook-Timestamp': HEADERS['webhook-timestamp'],
    'Webhook-Signature': `v1a,x v1,!! v1,AAAA ${HEADERS['webhook-signature']}`,
  };
  const other = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  expect(await verifyWebhook({ body: BODY, headers: several }, [other, SECRET], NOW_MS)).toEqual(event);
});

it.each<[WebhookFault, Partial<typeof HEADERS>, string, number]>([
  ['signature-wrong', {}, `${BODY} `, NOW_MS],
  ['signature-wrong', { 'webhook-id': 'msg_2' }, BODY, NOW_MS],
  [
    'signature-wrong',
    { 'webhook-signature': 'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' },
    BODY,
    NOW_MS,
  ],
  ['timestamp-off', {}, BODY, NOW_MS + 301_000],
  ['timestamp-off', {}, BODY, NOW_MS - 301_000],
  ['timestamp-off', { 'webhook-timestamp': 'now' }, BODY, NOW_MS],
])('rejects a request as %s', async (fault, changes, body, now) => {
  const request = { body, headers: { ...HEADERS, ...changes } };
  await expect(verifyWebhook(request, SECRET, now)).rejects.toMatchObject({ fault });
});

it('rejects a request without the headers', async () => {
  await expect(verifyWebhook({ body: BODY, headers: {} }, SECRET, NOW_MS)).rejects.toMatchObject({
    fault: 'header-missing',
  });
});
