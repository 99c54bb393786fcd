import { expect, it } from 'vitest';
import { serve } from './testing/serve.js';

const ENDPOINT = 'whe_1';

async function recorded() {
  const { client, requests } = await serve(({ method, url }) => {
    if (method === 'DELETE') return { status: 204, body: '' };
    if (url.pathname.endsWith('/test')) return { status: 202, body: { id: 'msg_1' } };
    if (method === 'GET' && url.pathname.endsWith('/deliveries'))
      return { body: url.searchParams.has('cursor') ? { items: [2] } : { items: [1], next: 'c' } };
    return { body: { id: 'one', items: [{ id: ENDPOINT }] } };
  });
  const lines = () =>
    requests.map(({ method, url, body }) =>
      `${method} ${url.pathname}${url.search} ${body.toString()}`.trim(),
    );
  return { webhooks: client.webhooks, lines };
}

it('creates, lists, tests, rotates and deletes endpoints', async () => {
  const { webhooks, lines } = await recorded();
  const { endpoints } = webhooks;
  await endpoints.create({ url: 'https://a.example/', events: ['image.failed'], items: true });
  expect(await endpoints.list()).toEqual([{ id: ENDPOINT }]);
  expect(await endpoints.test(ENDPOINT)).toBe('msg_1');
  expect(await endpoints.rotate(ENDPOINT)).toMatchObject({ id: 'one' });
  expect(await endpoints.delete(ENDPOINT)).toBeUndefined();
  expect(lines()).toEqual([
    'POST /v1/webhooks/endpoints {"url":"https://a.example/","events":["image.failed"],"items":true}',
    'GET /v1/webhooks/endpoints',
    'POST /v1/webhooks/endpoints/whe_1/test',
    'POST /v1/webhooks/endpoints/whe_1/rotate',
    'DELETE /v1/webhooks/endpoints/whe_1',
  ]);
});

it('lists, repeats and recovers deliveries', async () => {
  const { webhooks, lines } = await recorded();
  const found = [];
  for await (const delivery of webhooks.deliveries.list({ status: 'failed', endpointId: ENDPOINT }))
    found.push(delivery);
  expect(found).toEqual([1, 2]);
  await webhooks.deliveries.resend('msg_1');
  await webhooks.recover(new Date('2026-01-05T08:00:00Z'));
  await webhooks.getRecovery('whr_1');
  expect(lines()).toEqual([
    'GET /v1/webhooks/deliveries?limit=100&status=failed&endpointId=whe_1',
    'GET /v1/webhooks/deliveries?limit=100&status=failed&endpointId=whe_1&cursor=c',
    'POST /v1/webhooks/deliveries/msg_1/resend',
    'POST /v1/webhooks/recover {"since":"2026-01-05T08:00:00.000Z"}',
    'GET /v1/webhooks/recover/whr_1',
  ]);
});
