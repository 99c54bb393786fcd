import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { signedHeaders } from './sign.js';

const KEYS = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)];
const SECRETS = KEYS.map((key) => `whsec_${key.toString('base64')}`);

it('signs the bytes of a body with each secret', () => {
  const body = Buffer.from(JSON.stringify({ type: 'image.published', data: { externalId: '图片' } }));
  const { 'webhook-signature': signature } = signedHeaders(
    'msg_1',
    body,
    SECRETS,
    new Date(1_700_000_000_999),
  );
  const expected = KEYS.map(
    (key) => `v1,${createHmac('sha256', key).update('msg_1.1700000000.').update(body).digest('base64')}`,
  );
  expect(signature).toBe(expected.join(' '));
});

it('signs with the current time in seconds', () => {
  const headers = (at?: Date) => signedHeaders('msg_1', Buffer.from('{}'), SECRETS, at);
  expect(headers(new Date(1_700_000_000_999))['webhook-timestamp']).toBe('1700000000');
  const before = Math.floor(Date.now() / 1000);
  const now = Number(headers()['webhook-timestamp']);
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now() / 1000);
});
