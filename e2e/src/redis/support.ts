import { setTimeout as sleep } from 'node:timers/promises';
import type { Image } from '@pixdock/contract/image';
import { expect } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { type ApiResponse, ask, until, untilFinal, upload } from '../harness/client.js';
import { staged } from '../harness/leftovers.js';
import { picture } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';

/** The promise is two seconds; a busy machine may need four more. */
const PROMPT_MS = 6000;

export interface ProxiedStack extends Stack {
  /** Between the API and Redis. */
  api2redis: TcpProxy;
  /** Between the worker and Redis. */
  worker2redis: TcpProxy;
}

/** All parts, with a proxy between each service and Redis. */
export async function startProxiedStack(): Promise<ProxiedStack> {
  const [api2redis, worker2redis] = await Promise.all([startTcpProxy(), startTcpProxy()]);
  const stack = await startStack({}, { between: { api: api2redis, worker: worker2redis } });
  const stop = stack.stop.bind(stack);
  return Object.assign(stack, {
    api2redis,
    worker2redis,
    async stop() {
      api2redis.heal();
      worker2redis.heal();
      await stop();
      await Promise.all([api2redis.stop(), worker2redis.stop()]);
    },
  });
}

let made = 0;

/** A small, unique JPEG. */
export function smallPhoto(): Promise<Buffer> {
  made++;
  return picture(64 + (made % 50), 64 + Math.floor(made / 50))
    .jpeg({ quality: 80 })
    .toBuffer();
}

export interface Sent {
  key: string;
  response: ApiResponse;
  tookMs: number;
}

/** Uploads once, with the key as externalId and as Idempotency-Key. */
export async function send(stack: Stack, key: string, bytes: Uint8Array): Promise<Sent> {
  const began = performance.now();
  const response = await upload(stack, bytes, {
    fields: { externalId: key },
    headers: { 'Idempotency-Key': key },
  });
  return { key, response, tookMs: performance.now() - began };
}

/** A shorter pause would only use more CPU. */
const UPLOAD_EVERY_MS = 300;

/** Lets several clients upload repeatedly until `during` ends, and returns every response. */
export async function sendDuring(
  stack: Stack,
  name: string,
  atOnce: number,
  during: (sent: readonly Sent[]) => Promise<void>,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const over = new AbortController();
  const lanes = Array.from({ length: atOnce }, async (_, lane) => {
    for (let i = 0; !over.signal.aborted; i++) {
      const last = await send(stack, `${name}-${lane}-${i}`, await smallPhoto());
      sent.push(last);
      await sleep(UPLOAD_EVERY_MS);
    }
  });
  await during(sent).finally(() => over.abort());
  await Promise.all(lanes);
  return sent;
}

/** Waits until `count` uploads got a response with `status`. */
export const untilResponses = (sent: readonly Sent[], status: 202 | 503, count = 1) =>
  until(`${count} responses of ${status}`, 40, async () =>
    sent.filter(({ response }) => response.status === status).length >= count ? true : null,
  );

/** Expects that each response is a timely 202, or a timely 503 with Retry-After. */
export function expectPrompt(sent: readonly Sent[]): void {
  for (const { response, tookMs } of sent) {
    const { status, headers, body } = response;
    if (status !== 202)
      expect([status, body.code, headers.get('retry-after') !== null]).toEqual([
        503,
        'queue_unavailable',
        true,
      ]);
    expect(tookMs).toBeLessThan(PROMPT_MS);
  }
}

export const acceptedOf = (sent: readonly Sent[]) =>
  sent.filter(({ response }) => response.status === 202).map(({ response }) => response.body.id);

/**
 * Expects a full recovery: every accepted image is published once, the bucket has exactly their objects, the list exactly
 * these images, and staging nothing.
 */
export async function expectPublished(stack: Stack, ids: readonly string[], seconds = 60): Promise<Image[]> {
  const images = await Promise.all(ids.map((id) => untilFinal(stack, id, seconds)));
  expect(images.filter(({ status }) => status !== 'published')).toEqual([]);
  await until('staging to be empty', 20, async () => ((await staged(stack)).length === 0 ? true : null));
  const keys = images.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key));
  expect((await listKeys(stack)).toSorted()).toEqual(keys.toSorted());
  const listed = await until('what was refused to be forgotten', 20, async () => {
    const found = await listedIds(stack);
    return found.length === ids.length ? found : null;
  });
  expect(listed.toSorted()).toEqual([...ids].toSorted());
  return images;
}

async function listedIds(stack: Stack): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const { body } = await ask<{ items: Image[]; next?: string }>(stack, `/v1/images?limit=100${cursor}`);
    ids.push(...body.items.map(({ id }) => id));
    cursor = body.next === undefined ? '' : `&cursor=${encodeURIComponent(body.next)}`;
  } while (cursor !== '');
  return ids;
}
