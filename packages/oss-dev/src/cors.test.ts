import { expect, it } from 'vitest';
import { startTestOss } from './testing/test-oss.js';

const origin = 'https://shop.example.com';

it('lets a page of another origin send and read', async () => {
  const oss = await startTestOss();
  const url = `${oss.endpoint}/lab-bucket/a.jpg`;
  const asked = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,content-md5',
    },
  });
  expect(asked.status).toBe(200);
  expect(asked.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(asked.headers.get('access-control-allow-headers')).toBe('authorization,content-md5');

  const read = await fetch(url, { headers: { origin } });
  expect([read.status, read.headers.get('access-control-allow-origin')]).toEqual([404, '*']);
  expect(read.headers.get('access-control-expose-headers')).toContain('ETag');
});

it('says nothing about origins to other clients', async () => {
  const oss = await startTestOss();
  const response = await fetch(`${oss.endpoint}/lab-bucket/a.jpg`);
  expect(response.headers.has('access-control-allow-origin')).toBe(false);
  expect((await fetch(`${oss.endpoint}/lab-bucket/a.jpg`, { method: 'OPTIONS' })).status).toBe(501);
});
