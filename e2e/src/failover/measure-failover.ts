import { setTimeout as sleep } from 'node:timers/promises';
import type { Image } from '@pixdock/contract/image';
import { listKeys } from '../harness/bucket.js';
import { ask, until, untilFinal, untilServed, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack, TWO_LANES } from '../harness/stack.js';
import { startCluster, startSentinels, type Topology } from '../redis/topology.js';
import { openStream } from '../streams/read-stream.js';

export interface Plan {
  kind: 'sentinel' | 'cluster';
  /** `killed`: its connections are closed. `hanging`: they stay open without a byte, as those of a host that vanishes. */
  loss: 'killed' | 'hanging';
  /** Silence after which the others replace the master. */
  detectMs: number;
  uploads: number;
}

export interface Outcome {
  /** Images that were accepted and not published. */
  lost: number;
  /** Images beyond one for each upload, and objects that belong to none. */
  doubled: number;
  /** From the loss of the master to the last 503. */
  refusedMs: number;
  /** From the loss to the last 409: a key that an upload claimed whose response was lost. */
  claimedMs: number;
  /** The slowest response. */
  slowestMs: number;
}

const IN_FLIGHT = 16;
const PAUSE_MS = 200;
/** The slowest failover that is tried takes half a minute. */
const PATIENCE_S = 180;

/** Uploads images, each until it is accepted, and loses the master of Redis in the middle. */
export async function measureFailover({ kind, loss, detectMs, uploads }: Plan): Promise<Outcome> {
  const redis = await (kind === 'sentinel' ? startSentinels({ silentMs: detectMs }) : startCluster(detectMs));
  try {
    const stack = await startStack({ REDIS_URL: redis.url, ...TWO_LANES });
    try {
      return await play(stack, redis, loss, uploads);
    } finally {
      await stack.stop();
    }
  } finally {
    await redis.stop();
  }
}

async function play(stack: Stack, redis: Topology, loss: Plan['loss'], uploads: number): Promise<Outcome> {
  const stream = await openStream(stack, '/v1/events');
  const streamed = new Set<string>();
  const reading = (async () => {
    for await (const { data } of stream.events) streamed.add(data.id);
  })();
  const ids = new Set<string>();
  const outcome = { refusedMs: 0, claimedMs: 0, slowestMs: 0 };
  let begun = 0;
  let lostAt = Number.POSITIVE_INFINITY;
  const sendOne = async (nth: number) => {
    const bytes = await photo(64 + (nth % 50), 64 + Math.floor(nth / 50));
    const key = `upload-${nth}`;
    const id = await until(`${key} to be accepted`, PATIENCE_S, async () => {
      const began = performance.now();
      const { status, body } = await upload(stack, bytes, {
        fields: { externalId: key },
        headers: { 'Idempotency-Key': key },
      });
      const now = performance.now();
      outcome.slowestMs = Math.max(outcome.slowestMs, now - began);
      if (status === 202) return body.id;
      if (body.code === 'queue_unavailable') outcome.refusedMs = Math.max(outcome.refusedMs, now - lostAt);
      else if (body.code === 'idempotency_in_progress') outcome.claimedMs = now - lostAt;
      else throw new Error(`a response of ${status} ${body.code}`);
      return null;
    });
    ids.add(id);
  };
  const lanes = Array.from({ length: IN_FLIGHT }, async () => {
    while (begun < uploads) {
      await sendOne(begun++);
      await sleep(PAUSE_MS);
    }
  });
  const sending = Promise.all(lanes);
  sending.catch(() => {});
  await until('half of the uploads', PATIENCE_S, async () => (ids.size >= uploads / 2 ? true : null));
  lostAt = performance.now();
  if (loss === 'killed') await redis.master().kill();
  else redis.hang();
  await sending;

  const bytes = await photo(200, 64);
  const last = await untilServed(() => upload(stack, bytes, { headers: { Prefer: 'wait=60' } }));
  if (last.status !== 201) throw new Error(`a wait did not end when its image was published: ${last.status}`);
  ids.add(last.body.id);
  await until('the stream of all events to show it', 30, async () =>
    streamed.has(last.body.id) ? true : null,
  );
  stream.cut();
  await reading;
  const images = await Promise.all([...ids].map((id) => untilFinal(stack, id, PATIENCE_S)));
  const listed = await listAll(stack);
  const owned = new Set(
    listed.flatMap(({ variants }) => Object.values(variants ?? {}).map(({ key }) => key)),
  );
  const stray = (await listKeys(stack)).filter((key) => !owned.has(key));
  return {
    ...outcome,
    lost: uploads + 1 - images.filter(({ status }) => status === 'published').length,
    doubled: listed.length - images.length + stray.length,
  };
}

async function listAll(stack: Stack): Promise<Image[]> {
  const images: Image[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const path: string = `/v1/images?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { body } = await ask<{ items: Image[]; next?: string }>(stack, path);
    images.push(...body.items);
    cursor = body.next;
  }
  return images;
}
