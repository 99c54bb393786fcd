import { expect, it } from 'vitest';
import { serve } from '../../testing/serve.js';
import { verifyWebhook } from '../../verify-webhook.js';
import { runPixdock } from '../testing/run-pixdock.js';

const AT = '2026-01-31T10:00:00.000Z';
const EVENTS = [
  {
    type: 'image',
    data: {
      id: 'img_1',
      version: 2,
      status: 'processing',
      stage: 'fetching',
      updatedAt: AT,
      url: null,
      error: null,
      externalId: 'a\u001b',
    },
  },
  {
    type: 'image',
    data: {
      id: 'img_1',
      version: 3,
      status: 'published',
      stage: 'done',
      updatedAt: AT,
      url: 'https://h/1.jpg',
      error: null,
      externalId: null,
    },
  },
  {
    type: 'image',
    data: {
      id: 'img_2',
      version: 3,
      status: 'failed',
      stage: 'done',
      updatedAt: AT,
      url: null,
      error: { code: 'image_corrupt' },
      externalId: null,
    },
  },
  { type: 'gap', data: {} },
];

/** Serves the events once, then aborts the signal, as Ctrl-C does. */
async function listen(args: string[] = []) {
  const interrupt = new AbortController();
  let streams = 0;
  const { url } = await serve(({ url: { pathname } }) => {
    if (pathname !== '/v1/events') return { body: { items: [] } };
    if (++streams > 1) interrupt.abort();
    const text = EVENTS.map(
      ({ type, data }, i) => `id: a-${i}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`,
    );
    return { headers: { 'content-type': 'text/event-stream' }, body: streams > 1 ? '' : text.join('') };
  });
  return runPixdock(['listen', ...args], { url, signal: interrupt.signal });
}

it('prints one line per event until Ctrl-C', async () => {
  const { exit, out, err } = await listen();
  expect(exit).toBe(130);
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\d\d:\d\d:\d\d/, 'TIME')),
  ).toEqual([
    'TIME  processing  img_1  fetching  a\\u{1b}',
    'TIME  published   img_1  https://h/1.jpg',
    'TIME  failed      img_2  image_corrupt',
  ]);
  expect(err).toMatch(/Listening to .*Some events may be missing/s);
});

it('prints the events as NDJSON', async () => {
  const { out } = await listen(['--json']);
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(EVENTS);
});

it('fails at once without a server', async () => {
  const { exit, err } = await runPixdock(['listen'], { url: 'http://127.0.0.1:1' });
  expect([exit, err]).toEqual([2, expect.stringContaining('does not respond')]);
});

const FINAL = {
  id: 'img_1',
  version: 3,
  run: 1,
  status: 'published',
  stage: 'published',
  createdAt: AT,
  updatedAt: AT,
  finishedAt: AT,
  deleteRequestedAt: null,
  batchId: null,
  url: 'https://h/1.jpg',
  error: null,
  externalId: 'sku-1',
};
const OPEN = { ...FINAL, status: 'processing', version: 2, finishedAt: null, url: null };
const ITEM = { ...FINAL, id: 'img_2', batchId: 'bat_1' };
const MISSED = { ...FINAL, id: 'img_3', finishedAt: '2026-01-31T10:00:01.000Z' };

/** Serves images as events and then a gap, with other images in the list; ends after `count` forwarded events. */
async function forward(
  data: object[],
  count: number,
  { status = 200, missed = [] as object[], args = [] as string[], isPortOnly = false } = {},
) {
  const interrupt = new AbortController();
  const receiver = await serve(() => ({ status, body: 'noted' }));
  const { url } = await serve(({ url: { pathname } }) => {
    if (pathname === '/v1/images') return { body: { items: missed } };
    if (pathname === '/v1/batches') return { body: { items: [] } };
    const text = data.map((one, i) => `id: a-${i}\nevent: image\ndata: ${JSON.stringify(one)}\n\n`).join('');
    const gap = 'id: b-1\nevent: gap\ndata: {}\n\n';
    return { headers: { 'content-type': 'text/event-stream' }, body: text + gap };
  });
  const to = isPortOnly ? new URL(receiver.url).port : `${receiver.url.replace('http://', '')}/hook`;
  const output = await runPixdock(['listen', '--forward-to', to, ...args], {
    url,
    signal: interrupt.signal,
    onOutput: (out) => {
      if (out.split('→').length > count) interrupt.abort();
    },
  });
  return { ...output, requests: receiver.requests, secret: /whsec_\S+/.exec(output.err)?.[0] ?? '' };
}

it('forwards the events of a webhook endpoint, each once and signed, and those that it missed', async () => {
  const { requests, secret, out, err } = await forward([OPEN, FINAL, ITEM], 2, { missed: [MISSED, FINAL] });
  const events = await Promise.all(
    requests.map(({ body, headers }) => verifyWebhook({ body, headers }, secret)),
  );
  expect(requests.map(({ url }) => url.pathname)).toEqual(['/hook', '/hook']);
  expect(events.map(({ data }) => data.id).toSorted()).toEqual(['img_1', 'img_3']);
  expect(events.find(({ data }) => data.id === 'img_1')).toEqual({
    type: 'image.published',
    timestamp: AT,
    data: {
      id: 'img_1',
      version: 3,
      status: 'published',
      externalId: 'sku-1',
      batchId: null,
      name: null,
      url: 'https://h/1.jpg',
      urls: [],
      code: null,
    },
  });
  expect(out).toMatch(/→ 200 +img_1 {2}image\.published {2}\d+ ms/);
  expect(err).toMatch(/Forwarding events to http:.*The connection was lost/s);
});

it('shows what a receiver responds to an event that it refuses', async () => {
  const { out } = await forward([FINAL], 1, { status: 422 });
  expect(out).toMatch(/→ 422 +img_1 {2}image\.published {2}noted/);
});

it('signs with a given secret, and forwards the items of batches to a port of this machine', async () => {
  const given = `whsec_${'A'.repeat(32)}`;
  const { requests } = await forward([ITEM], 1, { args: ['--items', '--secret', given], isPortOnly: true });
  const [request] = requests;
  if (request === undefined) throw new Error('nothing arrived');
  expect((await verifyWebhook(request, given)).data).toMatchObject({ id: 'img_2', batchId: 'bat_1' });
});

it.each([
  [['--forward-to', 'ftp://a/'], /is not an http\(s\) URL/],
  [['--forward-to', 'localhost:1', '--secret', 'x'], /begins with whsec_/],
  [['--items'], /--items has no effect without --forward-to/],
  [['--secret', 'x'], /--secret has no effect without --forward-to/],
])('refuses %j', async (args, message) => {
  const { exit, err } = await runPixdock(['listen', ...args], { url: 'http://127.0.0.1:1' });
  expect([exit, err]).toEqual([2, expect.stringMatching(message)]);
});
