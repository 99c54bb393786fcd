import { expect, it } from 'vitest';
import { problem, serve } from './testing/serve.js';

const batch = { id: 'bat_1', status: 'running', version: 1 };
const accept = () => serve(() => ({ status: 202, body: batch }));
const items = Array.from({ length: 3 }, (_, n) => ({ url: `https://h/${n}`, externalId: String(n) }));

it.each([
  ['an array', () => items],
  ['a generator', () => items.values()],
  [
    'an async generator',
    async function* () {
      yield* items;
    },
  ],
])('streams the items of %s as NDJSON', async (_name, source) => {
  const { client, requests } = await accept();
  expect(await client.batches.create(source(), { profile: 'compact' })).toEqual(batch);
  expect(requests[0]?.headers['content-type']).toBe('application/x-ndjson');
  expect(String(requests[0]?.body)).toBe(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  expect(requests[0]?.url.search).toBe('?profile=compact');
});

it('retries with an array, but not with a generator', async () => {
  const { client, requests } = await serve(({ headers }, count) =>
    count === 1 || headers['idempotency-key'] === undefined
      ? problem(503, 'overloaded', { retryAfter: 0 })
      : { status: 202, body: batch },
  );
  await client.batches.create(items);
  expect(requests).toHaveLength(2);
  expect(requests[0]?.headers['idempotency-key']).toBe(requests[1]?.headers['idempotency-key']);
  await expect(client.batches.create(items.values())).rejects.toMatchObject({ code: 'overloaded' });
  expect(requests).toHaveLength(3);
});

it('throws the error of the items', async () => {
  const { client } = await accept();
  async function* broken() {
    yield* items;
    throw new Error('row 4 is invalid');
  }
  await expect(client.batches.create(broken())).rejects.toThrow('row 4 is invalid');
});

it.each([
  ['a stream', () => new Blob(['a,b\n']).stream(), 'text/csv'],
  ['a Blob with its own type', () => new Blob(['a,b\n'], { type: 'text/csv' }), undefined],
])('sends a file unchanged: %s', async (_name, source, mediaType) => {
  const { client, requests } = await accept();
  await client.batches.create(source(), { mediaType, columns: { 'Picture: big': 'url', SKU: 'externalId' } });
  expect(requests[0]?.headers['content-type']).toBe('text/csv');
  expect(String(requests[0]?.body)).toBe('a,b\n');
  expect(requests[0]?.url.searchParams.get('columns')).toBe('Picture: big:url,SKU:externalId');
  await client.batches.create(source(), { mediaType, columns: {} });
  expect(requests[1]?.url.searchParams.has('columns')).toBe(false);
});

it('returns the result of a dry run', async () => {
  const result = { dryRun: true, total: 1, valid: 0, invalid: 1, faults: [] };
  const { client, requests } = await serve(() => ({ body: result }));
  const { invalid } = await client.batches.create(items, { dryRun: true });
  expect(invalid).toBe(1);
  expect(requests[0]?.url.searchParams.get('dryRun')).toBe('true');
  expect(requests[0]?.headers['idempotency-key']).toBeUndefined();
});

it('reads items by status and code, and a report in a language', async () => {
  const { client, requests } = await serve(({ url }) =>
    url.pathname.endsWith('/items') ? { body: { items: [{ id: 'img_1' }] } } : { body: 'row,url\n' },
  );
  for await (const { id } of client.batches.items('bat_1', { code: 'source_timeout' }))
    expect(id).toBe('img_1');
  expect(requests[0]?.url.pathname).toBe('/v1/batches/bat_1/items');
  expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({
    limit: '100',
    code: 'source_timeout',
  });
  const report = await client.batches.report('bat_1', 'csv', { language: 'zh' });
  expect(await new Response(report).text()).toBe('row,url\n');
  expect(requests[1]?.url.pathname).toBe('/v1/batches/bat_1/report.csv');
  expect(requests[1]?.headers['accept-language']).toBe('zh');
});
