import { MAX_DELIVERY_BYTES } from '@pixdock/shared/state/webhooks/deliveries';
import type { Alice } from '../alice/alice.js';
import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import {
  BATCHES,
  deleteListed,
  isTrueInTime,
  JSON_TYPE,
  NDJSON,
  pathOf,
  rowsOf,
  submitBatch,
} from './support.js';

const ENDPOINTS = '/v1/webhooks/endpoints';
/** As many as an owner may have. */
const MOST_ENDPOINTS = 10;
/** Beside the bytes that are counted. */
const SLACK = 1.2;
/** Returns the number of alice's deliveries, and the bytes of all that Redis has for deliveries. */
const MEASURE = `local bytes = 0
  for _, pattern in ipairs({'events:alice:*', 'deliveries*'}) do
    for _, key in ipairs(redis.call('KEYS', '{pixdock}:' .. pattern)) do
      bytes = bytes + redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0')
    end
  end
  return redis.call('ZCARD', '{pixdock}:deliveries:alice') .. ' ' .. bytes`;

async function createEndpoint(alice: Alice, url: string): Promise<string | null> {
  const wanted = JSON.stringify({ url, events: ['image.failed'], items: true });
  const { body } = await alice.send(post(ENDPOINTS, JSON_TYPE, wanted), { keepsBody: true });
  return /"id":"(whe_[0-9a-f]{32})"/.exec(body)?.[1] ?? null;
}

async function untilFinished(alice: Alice, batchId: string): Promise<void> {
  while (!alice.signal.aborted) {
    const { body } = await alice.send(get(`${BATCHES}/${batchId}`), { keepsBody: true });
    if (body.includes('"status":"finished"')) return;
    await alice.wait(500);
  }
}

export const failingWebhooks: Attack = {
  name: 'failing-webhooks',
  about:
    'ten endpoints that answer 500 get an event for each of 1,500 rows that fail, and fail again when retried',
  maxMs: 40_000,
  // A row of 60 bytes becomes an image with a folder and an outcome, of a block each.
  maxStagingFactor: 300,
  async run(alice, size) {
    const source = (n: number) => alice.sources[n % alice.sources.length] ?? '';
    for (let n = 0; n < MOST_ENDPOINTS; n++) await createEndpoint(alice, `${source(n)}/status/500`);
    const rows = alice.sources.map((one) =>
      rowsOf(one, '/status/404', Math.ceil((150 * size) / alice.sources.length)),
    );
    const id = await submitBatch(alice, NDJSON, rows.join(''));
    if (id === null) return alice.finding('the batch was refused');
    await untilFinished(alice, id);
    for (let round = 0; round < 3 && !alice.signal.aborted; round++) {
      await alice.send(post(`${pathOf(id)}/retry`, JSON_TYPE, '{}'));
      await untilFinished(alice, id);
    }
  },
  async check({ stack }) {
    const measure = () => stack.redis.cli('EVAL', MEASURE, '0').trim().split(' ').map(Number);
    const [count = 0, bytes = 0] = measure();
    if (bytes > SLACK * MAX_DELIVERY_BYTES) return [`${count} deliveries take ${bytes} bytes of Redis`];
    for (const path of [ENDPOINTS, BATCHES]) await deleteListed(stack, path);
    const areGone = async () => measure()[0] === 0;
    return (await isTrueInTime(areGone)) ? [] : ['deliveries are left after the DELETE'];
  },
};

export const webhookChurn: Attack = {
  name: 'webhook-churn',
  about: 'endpoints that never respond get an event each and are deleted at once, again and again',
  async run(alice, size) {
    const lanes = Array.from({ length: MOST_ENDPOINTS - 1 }, async (_, lane) => {
      for (let n = 0; n < 10 * size && !alice.signal.aborted; n++) {
        const id = await createEndpoint(alice, `${alice.sources[lane % alice.sources.length]}/stall`);
        if (id === null) continue;
        await alice.send(post(`${ENDPOINTS}/${id}/test`, JSON_TYPE, ''));
        await alice.send(get(`${ENDPOINTS}/${id}`, {}, 'DELETE'));
      }
    });
    await Promise.all(lanes);
  },
};
