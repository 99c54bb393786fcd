import { expect, it } from 'vitest';
import { serve } from '../../testing/serve.js';
import { runPixdock } from '../testing/run-pixdock.js';

const GROUP = {
  code: 'source_timeout',
  host: 'img.example.com',
  day: '2026-01-31',
  count: 1200,
  firstAt: '2026-01-31T10:00:00.000Z',
  lastAt: '2026-01-31T11:00:00.000Z',
  exampleId: 'img_1',
  retryable: true,
  title: 'Slow',
  fix: 'Retry.',
};

it('lists failures with what to do', async () => {
  const { url, requests } = await serve(() => ({ body: { items: [GROUP, { ...GROUP, host: null }] } }));
  const args = [
    'failures',
    '--code',
    'source_timeout',
    '--since',
    '2026-01-31T08:00:00+08:00',
    '--until',
    '2026-02-01',
  ];
  const { exit, out } = await runPixdock(args, { url });
  expect([exit, out]).toEqual([
    0,
    [
      '1,200  source_timeout  img.example.com  2026-01-31T10:00:00.000Z to 2026-01-31T11:00:00.000Z  img_1',
      '    Slow. Retry.',
      '1,200  source_timeout  2026-01-31T10:00:00.000Z to 2026-01-31T11:00:00.000Z  img_1',
      '    Slow. Retry.',
      '',
    ].join('\n'),
  ]);
  const { searchParams } = requests[0]?.url ?? new URL('http://h');
  expect(Object.fromEntries(searchParams)).toEqual({
    limit: '100',
    code: 'source_timeout',
    since: '2026-01-31T00:00:00.000Z',
    until: '2026-02-01T00:00:00.000Z',
  });
});

it('says that no image has failed', async () => {
  const { url } = await serve(() => ({ body: { items: [] } }));
  expect(await runPixdock(['failures'], { url })).toEqual({
    exit: 0,
    out: '',
    err: 'No image has failed.\n',
  });
});

it('retries failures, and waits until all are queued', async () => {
  const state = { id: 'frt_1', retried: 0, skipped: 0 };
  const { url, requests } = await serve(({ method }, count) =>
    method === 'POST'
      ? { status: 202, body: { ...state, status: 'running' } }
      : { body: { ...state, retried: 1100, skipped: 2, status: count > 2 ? 'finished' : 'running' } },
  );
  const before = Date.now();
  const { exit, out } = await runPixdock(['failures', '--retry', '--host', 'h', '--since', '6h'], { url });
  expect(exit).toBe(0);
  expect(out).toContain('retried 1,100, skipped 2');
  const [first, ...others] = requests;
  const body: { host: string; since: string } = JSON.parse(first?.body.toString() ?? '');
  expect(body.host).toBe('h');
  expect(Date.parse(body.since)).toBeGreaterThanOrEqual(before - 6 * 3600_000);
  expect(first?.headers['idempotency-key']).toBeTruthy();
  expect(others.map((request) => request.url.pathname)).toEqual([
    '/v1/failures/retry/frt_1',
    '/v1/failures/retry/frt_1',
  ]);
});

it.each([
  [['--code', 'slow'], '"slow" is not an error code'],
  [['--since', 'yesterday'], '--since: "yesterday" is neither a time'],
  [['--since', '999999999d'], '--since: "999999999d" is neither a time'],
  [['--until', 'today'], '--until: "today" is neither a time'],
])('refuses %o', async (args, message) => {
  const { exit, err } = await runPixdock(['failures', '--key', 'k', ...args]);
  expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
});
