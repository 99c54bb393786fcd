import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { signedHeaders } from './sign.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

it('signs so that the library of Standard Webhooks verifies it', () => {
  const body = Buffer.from(JSON.stringify({ type: 'image.published', data: { externalId: '图片' } }));
  const headers = signedHeaders('msg_1', body, SECRET);
  expect(new Webhook(SECRET).verify(body.toString(), headers)).toEqual(JSON.parse(body.toString()));
  expect(() => new Webhook(SECRET).verify(`${body.toString()} `, headers)).toThrow('signature');
});
