import { setTimeout as sleep } from 'node:timers/promises';
import { openArrivals } from './arrivals.js';
import { type ChoresOrder, type ChoreTimes, startChores } from './chores.js';
import { followEvents } from './follow.js';
import { watchOwnDelay } from './own-delay.js';
import type { Receiver } from './receiver.js';
import { type BobReply, send } from './request.js';
import { openSamples, type Times } from './samples.js';

export interface BobOrder extends ChoresOrder {
  /** A small JPEG in base64. */
  picture: string;
}

/** Bob's measurements since the last lap. */
export interface Lap extends ChoreTimes {
  post: Times;
  get: Times;
  livez: Times;
  /** From the end of an image to the arrival of its event, by webhook and by stream. */
  webhook: Times;
  stream: Times;
  /** Wrong responses, by kind and status. */
  refused: Record<string, number>;
  /** Number of times from which a delay of bob's own process was subtracted. */
  corrected: number;
  /** Longest time from a POST to its image's URL, of images that were watched; those still waiting count too. */
  publishedMs: number;
}

export interface Bob {
  lap(): Lap;
  /** Waits up to half a minute for what is outstanding, so that a standstill is measured to its end. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

const EVERY_MS = 100;
/** A POST in every third round, so that a busy machine can keep up with bob's images. */
const POST_EVERY = 3;
/** Concurrent requests of each kind, so that a standstill does not end in a burst. */
const MAX_OPEN = 20;
const SETTLE_MS = 30_000;
/** A shorter delay of this process is noise. */
const OWN_DELAY_MS = 5;

type Kind = 'post' | 'get' | 'livez';
interface Open {
  kind: Kind;
  since: number;
  ownBefore: number;
}
interface Watched {
  id: string;
  sinceMs: number;
}

/**
 * The steady neighbour: a GET of a status and of /livez every 100 ms, and a POST every 300 ms, each on a new connection. He
 * follows his images by webhook and stream, and has chores.
 */
export function startBob({ port, picture, source }: BobOrder, receiver: Receiver): Bob {
  const bytes = Buffer.from(picture, 'base64');
  const delay = watchOwnDelay();
  const samples = { post: openSamples(), get: openSamples(), livez: openSamples() };
  const webhook = openArrivals();
  const stream = openArrivals();
  const stopping = new AbortController();
  const open = new Set<Open>();
  const running = new Set<Promise<void>>();
  let refused: Record<string, number> = {};
  let corrected = 0;
  let publishedMs = 0;
  let watched: Watched | null = null;
  let lastId: string | null = null;
  let rounds = 0;

  const timer = setInterval(() => {
    start('livez', livez);
    if (rounds++ % POST_EVERY === 0) start('post', submit);
    if (lastId !== null) start('get', read);
  }, EVERY_MS);

  receiver.listen((id, ms) => webhook.arrived(id, ms));
  followEvents(port, (id, ms) => stream.arrived(id, ms), stopping.signal).catch((error: Error) => {
    if (!stopping.signal.aborted) refuse(error.message);
  });
  const chores = startChores({ port, source }, refuse);

  function refuse(what: string): void {
    refused[what] = (refused[what] ?? 0) + 1;
  }

  function start(kind: Kind, act: () => Promise<void>): void {
    if ([...open].filter((one) => one.kind === kind).length >= MAX_OPEN) return;
    const done = act().finally(() => running.delete(done));
    running.add(done);
  }

  /** Response time so far, without the delay of this process. */
  function elapsed({ since, ownBefore }: Open): number {
    const own = delay.totalMs() - ownBefore;
    if (own > OWN_DELAY_MS) corrected++;
    return Math.max(0, performance.now() - since - own);
  }

  async function timed(kind: Kind, expected: string, act: () => Promise<BobReply>): Promise<BobReply> {
    const one = { kind, since: performance.now(), ownBefore: delay.totalMs() };
    open.add(one);
    const reply = await act();
    open.delete(one);
    samples[kind].add(elapsed(one));
    if (reply.status !== expected) refuse(`${kind} ${reply.status}`);
    return reply;
  }

  async function livez(): Promise<void> {
    await timed('livez', '200', () => send(port, 'GET', '/livez'));
  }

  async function submit(): Promise<void> {
    const sinceMs = performance.now();
    const { status, body } = await timed('post', '202', () => send(port, 'POST', '/v1/images', bytes));
    if (status !== '202') return;
    lastId = (JSON.parse(body) as { id: string }).id;
    for (const way of [webhook, stream]) way.expect(lastId);
    watched ??= { id: lastId, sinceMs };
  }

  async function read(): Promise<void> {
    const seen = watched;
    const id = seen?.id ?? lastId;
    const { status, body } = await timed('get', '200', () => send(port, 'GET', `/v1/images/${id}`));
    if (seen === null || seen !== watched || status !== '200') return;
    const image = JSON.parse(body) as { status: string };
    if (image.status === 'queued' || image.status === 'processing') return;
    publishedMs = Math.max(publishedMs, performance.now() - seen.sinceMs);
    if (image.status !== 'published') refuse(image.status);
    watched = null;
  }

  return {
    lap() {
      // A request that has no response yet has waited at least as long.
      for (const one of open) samples[one.kind].add(elapsed(one));
      const waitingMs = watched === null ? 0 : performance.now() - watched.sinceMs;
      const lap = {
        post: samples.post.take(),
        get: samples.get.take(),
        livez: samples.livez.take(),
        webhook: webhook.take(),
        stream: stream.take(),
        ...chores.lap(),
        refused,
        corrected,
        publishedMs: Math.max(publishedMs, waitingMs),
      };
      refused = {};
      corrected = 0;
      publishedMs = 0;
      return lap;
    },
    async settle() {
      const ended = Promise.all([...running, chores.settle()]);
      await Promise.all([
        Promise.race([ended, sleep(SETTLE_MS, undefined, { ref: false })]),
        webhook.settle(SETTLE_MS),
        stream.settle(SETTLE_MS),
      ]);
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all([...running, chores.stop()]);
      delay.stop();
    },
  };
}
