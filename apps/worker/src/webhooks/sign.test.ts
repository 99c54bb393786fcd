import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { signedHeaders } from './sign.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const PREVIOUS = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

it('signs so that the library of Standard Webhooks verifies it', () => {
  const body = Buffer.from(JSON.stringify({ type: 'image.published', data: { externalId: '图片' } }));
  const headers = signedHeaders('msg_1', body, [SECRET, PREVIOUS]);
  for (const secret of [SECRET, PREVIOUS])
    expect(new Webhook(secret).verify(body.toString(), headers)).toEqual(JSON.parse(body.toString()));
  expect(() => new Webhook(SECRET).verify(`${body.toString()} `, headers)).toThrow('signature');
});

it('signs with the current time in seconds', () => {
  const headers = (nowMs?: number) => signedHeaders('msg_1', Buffer.from('{}'), [SECRET], nowMs);
  expect(headers(1_700_000_000_999)['webhook-timestamp']).toBe('1700000000');
  const before = Math.floor(Date.now() / 1000);
  const now = Number(headers()['webhook-timestamp']);
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now() / 1000);
});
