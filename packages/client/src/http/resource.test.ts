import { expect, it } from 'vitest';
import { serve } from '../testing/serve.js';

const image = (version: number, status = 'processing') => ({
  id: 'img_1',
  status,
  version,
  deleteRequestedAt: null,
});
const at = (version: number, status?: string) => ({
  headers: { etag: `"${version}"`, 'preference-applied': 'wait=30' },
  body: image(version, status),
});

it('yields increasing versions only, skips 304s, and ends with the final one', async () => {
  const replies = [
    at(1),
    { status: 304, headers: { 'retry-after': '0', 'preference-applied': 'wait=30' } },
    at(3),
    // Another server behind the same address has an older version.
    { ...at(2), headers: { etag: '"2"', 'retry-after': '0' } },
    at(5, 'published'),
  ];
  const { client, requests } = await serve((_request, count) => replies[count - 1] ?? at(9));
  const versions: number[] = [];
  for await (const { version } of client.images.watch('img_1')) versions.push(version);
  expect(versions).toEqual([1, 3, 5]);
  expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([
    undefined,
    '"1"',
    '"1"',
    '"3"',
    '"3"',
  ]);
  expect(requests.map(({ headers }) => headers.prefer)).toEqual([
    undefined,
    'wait=30',
    'wait=30',
    'wait=30',
    'wait=30',
  ]);
});

it('yields the first snapshot even if the server holds requests without a version', async () => {
  const { client } = await serve(({ headers }) => {
    if (headers.prefer === undefined) return at(1);
    return headers['if-none-match'] === '"1"' ? at(2) : at(3, 'published');
  });
  const versions: number[] = [];
  for await (const { version } of client.images.watch('img_1')) versions.push(version);
  expect(versions).toEqual([1, 2, 3]);
});

it('waits for the final image without a response for every change', async () => {
  const { client, requests } = await serve(async (_request, count) => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    return count < 3 ? at(count) : at(count, 'failed');
  });
  expect(await client.images.waitFor('img_1')).toMatchObject({ status: 'failed', version: 3 });
  expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined, undefined]);
});

it('polls as Retry-After says, with If-None-Match, if requests are not held', async () => {
  const times: number[] = [];
  const { client, requests } = await serve((_request, count) => {
    times.push(Date.now());
    const headers = { etag: '"1"', 'retry-after': '1' };
    if (count === 1) return { headers, body: image(1) };
    return count === 2 ? { status: 304, headers } : { headers, body: image(2, 'published') };
  });
  // The interval begins when the client sends a request, which a busy machine may deliver late.
  const begunAt = Date.now();
  expect(await client.images.waitFor('img_1')).toMatchObject({ version: 2 });
  expect((times[1] ?? 0) - begunAt).toBeGreaterThan(900);
  expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"1"']);
});

it('does not treat an image with a pending deletion as final', async () => {
  const deleting = { ...image(4, 'published'), deleteRequestedAt: '2026-01-01T00:00:00Z' };
  const { client } = await serve((_request, count) =>
    count === 1 ? { headers: { 'retry-after': '0' }, body: deleting } : at(5, 'deleted'),
  );
  expect(await client.images.waitFor('img_1')).toMatchObject({ status: 'deleted' });
});

it('ends with the timeout or the signal', async () => {
  const { client } = await serve(() => new Promise(() => {}));
  await expect(client.images.waitFor('img_1', { timeoutMs: 50 })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  await expect(client.images.waitFor('img_1', { signal: AbortSignal.abort('no') })).rejects.toBe('no');
});

it('watches a batch until it is no longer running', async () => {
  const batch = (version: number, status: string) => ({
    ...at(version),
    body: { id: 'bat_1', version, status, deleteRequestedAt: null },
  });
  const { client, requests } = await serve((_request, count) =>
    batch(count, count < 3 ? 'running' : 'canceled'),
  );
  const statuses: string[] = [];
  for await (const { status } of client.batches.watch('bat_1')) statuses.push(status);
  expect(statuses).toEqual(['running', 'running', 'canceled']);
  expect(requests[0]?.url.pathname).toBe('/v1/batches/bat_1');
});

it('waits for the deletion of a batch', async () => {
  const deleting = (deleted: number) => ({
    ...at(deleted + 1),
    body: {
      id: 'b',
      version: deleted + 1,
      status: 'finished',
      deleteRequestedAt: '2026-01-01',
      counts: { deleted },
      total: 2,
    },
  });
  const { client } = await serve((_request, count) => deleting(count));
  expect(await client.batches.waitFor('b')).toMatchObject({ counts: { deleted: 2 } });
});
