import { type Image, PixdockApiError } from '@pixdock/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openUploadQueue, type UploadServer } from './queue.js';
import { addUp } from './totals.js';
import { canRetry } from './upload.js';

// Node has no window.
beforeAll(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('removeEventListener', () => {});
});
afterAll(() => vi.unstubAllGlobals());

const file = (name: string) => ({ file: new File(['bytes'], name), name });
const imageOf = (id: string, status = 'queued', version = 1) =>
  ({ id, status, version, error: null }) as Image;
const refusal = (status: number, code = 'unreachable') =>
  new PixdockApiError({ code, status, title: code, detail: code, retryable: status === 0 } as never);

function serverWith(parts: Partial<UploadServer>): UploadServer {
  return {
    findKnown: async () => null,
    send: async ({ name }) => imageOf(name),
    discard: () => {},
    retry: async ({ id }) => imageOf(id, 'queued', 3),
    ...parts,
  };
}

const statesOf = ({ uploads }: ReturnType<typeof openUploadQueue>) =>
  uploads.value.map(({ state }) => state.value);

test('sends three files at a time, and each once', async () => {
  let running = 0;
  let most = 0;
  const sent: string[] = [];
  const send = async ({ name }: { name: string }) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    sent.push(name);
    return imageOf(name);
  };
  const queue = openUploadQueue(serverWith({ send }));
  const names = Array.from({ length: 20 }, (_, i) => `${i}.jpg`);
  queue.add(names.map(file), 'default');
  await vi.waitFor(() => expect(new Set(statesOf(queue))).toEqual(new Set(['accepted'])));
  expect([most, sent.toSorted()]).toEqual([3, names.toSorted()]);
});

test('repeats a lost request with the same Idempotency-Key, and stops at a refusal', async () => {
  const keys: string[] = [];
  const send: UploadServer['send'] = async ({ name, idempotencyKey }) => {
    keys.push(idempotencyKey);
    if (name === 'bad.jpg') throw refusal(415, 'unsupported_media_type');
    if (keys.length === 1) throw refusal(0);
    return imageOf(name);
  };
  const queue = openUploadQueue(serverWith({ send }));
  queue.add([file('lost.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted']), { timeout: 5000 });
  expect(new Set(keys).size).toBe(1);
  queue.add([file('bad.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted', 'refused']));
  expect(queue.uploads.value[1]?.error.value?.message).toContain('unsupported_media_type');
});

test('offers a file that the server has, and sends it when asked', async () => {
  const queue = openUploadQueue(serverWith({ findKnown: async () => imageOf('known', 'published') }));
  queue.add([file('a.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['known']));
  for (const upload of queue.uploads.value) queue.sendAnyway(upload);
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted']));
});

test('pauses running uploads and sends them again when it continues', async () => {
  let tries = 0;
  const send: UploadServer['send'] = ({ name }, _, signal) =>
    tries++ === 0
      ? new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      : Promise.resolve(imageOf(name));
  const queue = openUploadQueue(serverWith({ send }));
  queue.add([file('a.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['sending']));
  queue.pauseAll();
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['waiting']));
  queue.resumeAll();
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted']));
});

test('sends the file again when the server has lost its source, and removes bytes that are not continued', async () => {
  const keys: string[] = [];
  const discarded: string[] = [];
  const send: UploadServer['send'] = async ({ name, idempotencyKey }) => {
    keys.push(idempotencyKey);
    return imageOf(name);
  };
  const queue = openUploadQueue(serverWith({ send, discard: ({ name }) => discarded.push(name) }));
  queue.add([file('a.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted']));
  const error = { code: 'source_lost', retryable: false } as never;
  queue.update({ ...imageOf('a.jpg', 'failed', 2), error });
  for (const upload of queue.uploads.value) {
    expect(canRetry(upload)).toBe(true);
    queue.retry(upload);
  }
  await vi.waitFor(() => expect(new Set(keys).size).toBe(2));
  expect(statesOf(queue)).toEqual(['accepted']);
  queue.pauseAll();
  queue.add([file('b.jpg')], 'default');
  queue.cancelAll();
  expect(discarded).toEqual(['a.jpg', 'b.jpg']);
});

test('removes the bytes of a refused file, and of files that have not arrived when the page ends', async () => {
  const discarded: string[] = [];
  const send: UploadServer['send'] = ({ name }) => {
    if (name === 'b.jpg') return Promise.reject(refusal(409, 'source_lost'));
    return name === 'a.jpg' ? Promise.resolve(imageOf(name)) : new Promise(() => {});
  };
  const queue = openUploadQueue(serverWith({ send, discard: ({ name }) => discarded.push(name) }));
  queue.add([file('a.jpg'), file('b.jpg'), file('c.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted', 'refused', 'sending']));
  expect(discarded).toEqual(['b.jpg']);
  queue.discardAll();
  expect(discarded).toEqual(['b.jpg', 'c.jpg']);
});

test.each([
  [refusal(415, 'unsupported_media_type'), false],
  [refusal(401, 'unauthorized'), true],
  [new Error('the file cannot be read'), true],
])('offers a retry after "%s": %s', async (fault, expected) => {
  const send = async () => {
    throw fault;
  };
  const queue = openUploadQueue(serverWith({ send }));
  queue.add([file('a.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['refused']));
  expect(queue.uploads.value.map(canRetry)).toEqual([expected]);
});

test.each([
  ['processing_crashed', true],
  ['image_too_large', true],
  ['too_many_frames', true],
  ['image_corrupt', false],
])('offers a retry of an image that failed with %s: %s', async (code, expected) => {
  const queue = openUploadQueue(serverWith({}));
  queue.add([file('a.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted']));
  queue.update({ ...imageOf('a.jpg', 'failed', 2), error: { code } as never });
  expect(queue.uploads.value.map(canRetry)).toEqual([expected]);
});

test('takes over newer states, and retries a failed image by its id', async () => {
  const queue = openUploadQueue(serverWith({}));
  queue.add([file('a.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted']));
  queue.update(imageOf('a.jpg', 'failed', 2));
  queue.update(imageOf('a.jpg', 'processing', 1));
  expect(statesOf(queue)).toEqual(['failed']);
  for (const upload of queue.uploads.value) queue.retry(upload);
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['accepted']));
});

test('adds up files and bytes without canceled ones', async () => {
  const queue = openUploadQueue(serverWith({ send: () => new Promise(() => {}) }));
  queue.add([file('a.jpg'), file('b.jpg'), file('c.jpg')], 'default');
  await vi.waitFor(() => expect(statesOf(queue)).toEqual(['sending', 'sending', 'sending']));
  const [a, b] = queue.uploads.value;
  if (a !== undefined && b !== undefined) {
    a.sentBytes.value = 2;
    queue.cancel(b);
  }
  expect(addUp(queue.uploads.value)).toMatchObject({ files: 2, finished: 0, sentBytes: 2, totalBytes: 10 });
});
