import { expect, it } from 'vitest';
import { serve } from '../../testing/serve.js';
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
