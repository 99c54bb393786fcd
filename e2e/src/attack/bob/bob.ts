import { watchOwnDelay } from './own-delay.js';
import { type BobReply, send } from './request.js';
import { openSamples, type Times } from './samples.js';

export interface BobOrder {
  port: number;
  /** A small JPEG in base64. */
  picture: string;
}

/** What bob saw since the last lap. */
export interface Lap {
  post: Times;
  get: Times;
  livez: Times;
  /** Responses that bob did not deserve, by kind and status. */
  refused: Record<string, number>;
  /** Times from which a delay of bob's own process was subtracted. */
  corrected: number;
  /** Longest time from a POST to its image's URL, of images that were watched; those still waiting count too. */
  publishedMs: number;
}

export interface Bob {
  lap(): Lap;
  stop(): Promise<void>;
}

const EVERY_MS = 100;
/** Of each kind at once, so that a standstill does not end in a burst. */
const MAX_OPEN = 20;
/** An own delay below this is noise. */
const OWN_DELAY_MS = 5;

type Kind = 'post' | 'get' | 'livez';
interface Watched {
  id: string;
  sinceMs: number;
}

/** The steady neighbour: a POST, a GET of its status and a GET of /livez every 100 ms, each on its own connection. */
export function startBob({ port, picture }: BobOrder): Bob {
  const bytes = Buffer.from(picture, 'base64');
  const delay = watchOwnDelay();
  const samples = { post: openSamples(), get: openSamples(), livez: openSamples() };
  const open = { post: 0, get: 0, livez: 0 };
  const running = new Set<Promise<void>>();
  let refused: Record<string, number> = {};
  let corrected = 0;
  let publishedMs = 0;
  let watched: Watched | null = null;
  let lastId: string | null = null;

  const timer = setInterval(() => {
    start('livez', livez);
    start('post', submit);
    if (lastId !== null) start('get', read);
  }, EVERY_MS);

  function start(kind: Kind, act: () => Promise<void>): void {
    if (open[kind] >= MAX_OPEN) return;
    open[kind]++;
    const done = act().finally(() => {
      open[kind]--;
      running.delete(done);
    });
    running.add(done);
  }

  async function timed(kind: Kind, expected: string, act: () => Promise<BobReply>): Promise<BobReply> {
    const ownBefore = delay.totalMs();
    const since = performance.now();
    const reply = await act();
    const own = delay.totalMs() - ownBefore;
    if (own > OWN_DELAY_MS) corrected++;
    samples[kind].add(Math.max(0, performance.now() - since - own));
    if (reply.status !== expected) {
      const name = `${kind} ${reply.status}`;
      refused[name] = (refused[name] ?? 0) + 1;
    }
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
    if (image.status !== 'published') refused[image.status] = (refused[image.status] ?? 0) + 1;
    watched = null;
  }

  return {
    lap() {
      const waitingMs = watched === null ? 0 : performance.now() - watched.sinceMs;
      const lap = {
        post: samples.post.take(),
        get: samples.get.take(),
        livez: samples.livez.take(),
        refused,
        corrected,
        publishedMs: Math.max(publishedMs, waitingMs),
      };
      refused = {};
      corrected = 0;
      publishedMs = 0;
      return lap;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(running);
      delay.stop();
    },
  };
}
