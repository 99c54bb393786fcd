import { expect, it, onTestFinished, vi } from 'vitest';
import { Pixdock } from '../pixdock.js';
import { problem, serve } from '../testing/serve.js';

const image = (version: number, status = 'processing') => ({
  id: 'img_1',
  status,
  version,
  deleteRequestedAt: null,
});
const event = (id: string | number, type: string, data: unknown) =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
const snapshot = (version: number, status?: string) => event(version, 'image', image(version, status));
const stream = (body: string) => ({ headers: { 'content-type': 'text/event-stream' }, body });

async function versionsOf(snapshots: AsyncIterable<{ version: number }>): Promise<number[]> {
  const versions: number[] = [];
  for await (const { version } of snapshots) versions.push(version);
  return versions;
}

it('yields increasing versions, resumes after each end, and stops after the final one', async () => {
  const replies = [
    stream(`retry: 1000\n${snapshot(1)}:\n${snapshot(3)}`),
    'reset' as const,
    problem(503, 'overloaded', { retryAfter: 0 }),
    stream(`${snapshot(3)}id: 4\nevent: ima`),
    stream(snapshot(5, 'published') + snapshot(6)),
  ];
  const { client, requests } = await serve((_request, count) => replies[count - 1] ?? stream(''));
  expect(await versionsOf(client.images.events('img_1'))).toEqual([1, 3, 5]);
  expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '3', '3', '3', '3']);
  expect(requests[0]?.url.pathname).toBe('/v1/images/img_1/events');
  expect(requests[0]?.headers.accept).toBe('text/event-stream');
});

it.each([1, 7])('reads events in chunks of %i bytes', async (size) => {
  const last = { ...image(1, 'published'), externalId: '图片' };
  const bytes = new TextEncoder().encode(`:\n\n${event(1, 'image', last)}`.replaceAll('\n', '\r\n'));
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
  const body = ReadableStream.from(starts.map((start) => bytes.subarray(start, start + size)));
  const options = { baseUrl: 'http://h', apiKey: 'key', fetch: async () => new Response(body) };
  for await (const read of new Pixdock(options).images.events('img_1')) expect(read).toEqual(last);
  expect.assertions(1);
});

it('ends with the final state of a batch', async () => {
  const batch = { id: 'bat_1', version: 2, status: 'finished', deleteRequestedAt: null };
  const { client, requests } = await serve(() => stream(event(2, 'batch', batch)));
  expect(await versionsOf(client.batches.events('bat_1'))).toEqual([2]);
  expect(requests[0]?.url.pathname).toBe('/v1/batches/bat_1/events');
});

it('yields the events of all images and batches, and resumes from the first one without a change', async () => {
  const replies = [
    stream(event('a-0', 'ready', {})),
    stream(`${event('a-1', 'image', { id: 'img_1' })}${event('a-2', 'later', {})}${event('a-3', 'gap', {})}`),
    stream(event('a-4', 'batch', { id: 'bat_1' })),
  ];
  const { client, requests } = await serve((_request, count) => replies[count - 1] ?? stream(''));
  const types: string[] = [];
  for await (const { type } of client.events()) {
    types.push(type);
    if (type === 'batch') break;
  }
  expect(types).toEqual(['image', 'gap', 'batch']);
  expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'a-0', 'a-3']);
});

it.each([404, 401, 403])('throws when the server refuses the stream with %i', async (status) => {
  const { client, requests } = await serve((_request, count) =>
    count === 1 ? stream(snapshot(1)) : problem(status, 'refused'),
  );
  await expect(versionsOf(client.images.events('img_1'))).rejects.toMatchObject({ status });
  expect(requests).toHaveLength(2);
});

it('resumes when the server is silent for 45 seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let isClosed = false;
  const { client } = await serve((_request, count, response) => {
    if (count > 1) return stream(snapshot(2, 'failed'));
    response.on('close', () => {
      isClosed = true;
    });
    response.writeHead(200).write(snapshot(1));
    return new Promise(() => {});
  });
  const snapshots = client.images.events('img_1')[Symbol.asyncIterator]();
  expect((await snapshots.next()).value?.version).toBe(1);
  vi.advanceTimersByTime(44_999);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  vi.advanceTimersByTime(1);
  await expect.poll(() => isClosed).toBe(true);
  const ticking = setInterval(() => vi.advanceTimersByTime(1000), 1);
  onTestFinished(() => clearInterval(ticking));
  expect((await snapshots.next()).value?.version).toBe(2);
});

it('ends with the reason of the signal', async () => {
  const abort = new AbortController();
  const { client, requests } = await serve((_request, _count, response) => {
    response.writeHead(200).write(snapshot(1));
    return new Promise(() => {});
  });
  const reading = versionsOf(client.images.events('img_1', { signal: abort.signal }));
  await expect.poll(() => requests.length).toBe(1);
  abort.abort('enough');
  await expect(reading).rejects.toBe('enough');
  await expect(versionsOf(client.images.events('x', { signal: abort.signal }))).rejects.toBe('enough');
});
