import { expect, it } from 'vitest';
import { serve } from '../../testing/serve.js';
import { type Attempt, openForwarder } from './forwarder.js';

const EVENT = {
  type: 'image.published' as const,
  timestamp: '2026-01-05T08:00:00.000Z',
  data: {
    id: 'img_1',
    version: 1,
    status: 'published',
    externalId: null,
    batchId: null,
    name: null,
    url: null,
    urls: [],
    code: null,
  },
};
const { signal } = new AbortController();
const secret = `whsec_${'A'.repeat(32)}`;

it('repeats an event without a response under the same id', async () => {
  const { url, requests } = await serve((_request, count) => (count < 3 ? 'reset' : {}));
  const attempts: Attempt[] = [];
  const onAttempt = (_event: unknown, attempt: Attempt) => {
    attempts.push(attempt);
  };
  await openForwarder({ url, secret, signal, onAttempt, pausesMs: [1, 1, 1] }).forward(EVENT);
  await expect.poll(() => attempts.at(-1)?.againMs).toBeNull();
  expect(attempts.map(({ status }) => status)).toEqual([null, null, 200]);
  expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

it('sends four events at a time', async () => {
  let open = 0;
  let most = 0;
  const { url } = await serve(async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 20));
    open -= 1;
    return {};
  });
  let ended = 0;
  const forwarder = openForwarder({ url, secret, signal, onAttempt: () => void (ended += 1) });
  for (let version = 0; version < 12; version++)
    await forwarder.forward({ ...EVENT, data: { ...EVENT.data, version } });
  await expect.poll(() => ended).toBe(12);
  expect(most).toBeLessThanOrEqual(4);
});
