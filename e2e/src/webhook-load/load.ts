import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import { startWebhookReceiver, type WebhookReceiver } from '../harness/webhook-receiver.js';

export interface LoadOptions {
  events: number;
  uploads: number;
  /** How long the receiver takes for a response. */
  responseMs: number;
  /** Whether the services run as in production, for a measurement. */
  asInProduction: boolean;
  say: (line: string) => void;
}

/** Milliseconds from a request to a published image. */
interface Times {
  p50: number;
  p95: number;
}

export interface LoadResult {
  /** Uploads without events, and while the events wait. */
  idle: Times;
  busy: Times;
  /** Events that waited before and after the second uploads. */
  waiting: [before: number, after: number];
}

const PREFIX = '{pixdock}';

/** Uploads images, first without events and then while many events wait for a slow receiver. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { events, uploads, responseMs, asInProduction, say } = options;
  const receiver = await startWebhookReceiver();
  const stack = await startStack({ WEBHOOK_ALLOW: receiver.host }, { asInProduction });
  try {
    const picture = await photo(1200, 900);
    await timeUploads(stack, picture, Math.ceil(uploads / 3));
    const idle = await timeUploads(stack, picture, uploads);
    say(`${uploads} uploads without events: p50 ${idle.p50} ms, p95 ${idle.p95} ms`);
    await fillOutbox(stack, receiver, { events, responseMs });
    const before = await untilRelayed(stack, events);
    const busy = await timeUploads(stack, picture, uploads);
    const after = await waitingEvents(stack);
    say(
      `${uploads} uploads while ${before} events wait: p50 ${busy.p50} ms, p95 ${busy.p95} ms; ${after} wait afterwards`,
    );
    return { idle, busy, waiting: [before, after] };
  } finally {
    await stack.stop();
    receiver.stop();
  }
}

async function timeUploads(stack: Stack, picture: Buffer, count: number): Promise<Times> {
  const times: number[] = [];
  for (let nth = 0; nth < count; nth++) {
    const began = performance.now();
    const { status, body } = await upload(stack, picture, { headers: { Prefer: 'wait=60' } });
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
    times.push(performance.now() - began);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { p50: at(0.5), p95: at(0.95) };
}

/** Appends events as transitions do, for one endpoint whose receiver is slow. */
async function fillOutbox(
  stack: Stack,
  receiver: WebhookReceiver,
  { events, responseMs }: Pick<LoadOptions, 'events' | 'responseMs'>,
): Promise<void> {
  receiver.delay('slow', responseMs);
  await receiver.subscribe(stack, 'slow', { events: ['image.deleted'] });
  const redis = connectRedis({ url: stack.redis.url, prefix: PREFIX }, 'patient', () => {});
  const { outboxOf, outboxes } = recordKeys(PREFIX);
  const timestamp = new Date().toISOString();
  const pipeline = redis.pipeline();
  for (let nth = 0; nth < events; nth++) {
    const id = `img_${randomBytes(16).toString('hex')}`;
    const data = {
      id,
      version: 1,
      status: 'deleted',
      externalId: null,
      batchId: null,
      url: null,
      code: null,
    };
    const event = { type: 'image.deleted', timestamp, data };
    pipeline.xadd(
      outboxOf('acme'),
      '*',
      'entry',
      JSON.stringify({ owner: 'acme', isItem: false, event, webhook: null }),
    );
  }
  await pipeline.sadd(outboxes, 'acme').exec();
  redis.disconnect();
}

/** Waits until the relay has emptied the outbox; returns how many events wait for their delivery. */
async function untilRelayed(stack: Stack, events: number): Promise<number> {
  for (let tries = 0; tries < 600; tries++) {
    if (stack.redis.cli('XLEN', recordKeys(PREFIX).outboxOf('acme')).trim() === '0')
      return waitingEvents(stack);
    await sleep(100);
  }
  throw new Error(`the ${events} events are not relayed`);
}

async function waitingEvents(stack: Stack): Promise<number> {
  const script = `local n = 0
    for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':deliveries-due:*')) do n = n + redis.call('ZCARD', key) end
    return n`;
  return Number(stack.redis.cli('EVAL', script, '0', PREFIX).trim());
}
