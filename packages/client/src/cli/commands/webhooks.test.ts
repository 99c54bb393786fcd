import { expect, it } from 'vitest';
import { serve } from '../../testing/serve.js';
import { runPixdock } from '../testing/run-pixdock.js';

const AT = '2026-01-05T08:00:05.000Z';
const ENDPOINT = {
  id: 'whe_1',
  url: 'https://a.example/',
  events: ['image.failed'],
  items: false,
  createdAt: '2026-01-05T08:00:00.000Z',
  disabledAt: null,
  dropped: 0,
};
const DELIVERY = {
  id: 'msg_1',
  endpointId: 'whe_1',
  status: 'failed',
  attempts: [{ status: null, error: 'no connection' }, { status: 503 }],
  event: { type: 'image.failed', data: { id: 'img_1' } },
};

/** Runs `pixdock webhooks` against a server that has one endpoint and one failed delivery. */
async function webhooks(...args: string[]) {
  const { url, requests } = await serve(({ method, url: { pathname } }) => {
    if (method === 'DELETE') return { status: 204, body: '' };
    if (pathname.endsWith('/test')) return { status: 202, body: { id: 'msg_2' } };
    if (pathname.endsWith('/resend'))
      return { status: 202, body: { ...DELIVERY, status: 'pending', attempts: [], nextAttemptAt: AT } };
    if (pathname.endsWith('/deliveries')) return { body: { items: [DELIVERY] } };
    if (pathname.endsWith('/recover'))
      return { status: 202, body: { id: 'whr_1', status: 'running', resent: 0 } };
    if (pathname.endsWith('/whr_1')) return { body: { id: 'whr_1', status: 'finished', resent: 3 } };
    if (method === 'POST') return { status: 201, body: { ...ENDPOINT, secret: 'whsec_1' } };
    return { body: { items: [ENDPOINT] } };
  });
  const { exit, out, err } = await runPixdock(['webhooks', ...args], { url });
  const [first] = requests;
  return {
    exit,
    out,
    err,
    line: `${first?.method} ${first?.url.pathname}${first?.url.search}`,
    body: first?.body,
  };
}

it.each([
  [[], 'whe_1\thttps://a.example/\timage.failed\n', 'GET /v1/webhooks/endpoints'],
  [['test', 'whe_1'], 'msg_2\n', 'POST /v1/webhooks/endpoints/whe_1/test'],
  [['rotate', 'whe_1'], 'whsec_1\n', 'POST /v1/webhooks/endpoints/whe_1/rotate'],
  [['delete', 'whe_1'], '', 'DELETE /v1/webhooks/endpoints/whe_1'],
  [
    ['deliveries', '--status', 'failed'],
    'msg_1\tfailed\t2 503\timage.failed\timg_1\n',
    'GET /v1/webhooks/deliveries?limit=100&status=failed',
  ],
  [
    ['resend', 'msg_1'],
    `msg_1\tpending\t0\timage.failed\timg_1\tnext attempt: ${AT}\n`,
    'POST /v1/webhooks/deliveries/msg_1/resend',
  ],
  [
    ['recover', '2026-01-05T08:00:00Z'],
    '3 failed deliveries are sent again. Pending ones are retried without this.\n',
    'POST /v1/webhooks/recover',
  ],
])('runs pixdock webhooks %j', async (args, out, line) => {
  expect(await webhooks(...args)).toMatchObject({ exit: 0, out, line });
});

it('adds an endpoint for some events and prints its secret', async () => {
  const { out, body } = await webhooks('add', 'https://a.example/', '--events', 'image.failed', '--items');
  expect(out).toBe('whe_1\thttps://a.example/\timage.failed\nwhsec_1\n');
  expect(JSON.parse(String(body))).toEqual({
    url: 'https://a.example/',
    events: ['image.failed'],
    items: true,
  });
});

it.each([
  [['add'], /pixdock webhooks add URL/],
  [['list', 'whe_1'], /pixdock webhooks add URL/],
  [['constructor', 'x'], /pixdock webhooks add URL/],
  [['add', 'a.example'], /is not an http\(s\) URL/],
  [['add', 'https://a.example/', '--events', 'image.lost'], /is not a list of events/],
  [['deliveries', '--status', 'lost'], /is not a status/],
  [['recover', 'yesterday'], /is not a time/],
])('refuses pixdock webhooks %j', async (args, message) => {
  expect(await webhooks(...args)).toMatchObject({ exit: 2, err: expect.stringMatching(message) });
});
