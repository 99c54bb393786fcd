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
