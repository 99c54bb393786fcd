import { setTimeout as sleep } from 'node:timers/promises';
import { openSamples, type Times } from './samples.js';

/** Longer work of bob, from the request to the end. */
export interface ChoreTimes {
  /** A batch of 20 small images. */
  batch: Times;
  /** A run of an image that fails. */
  retry: Times;
}

export interface Chores {
  /** Those in progress count with their time so far. */
  lap(): ChoreTimes;
  /** Resolves once those in progress have ended. */
  settle(): Promise<unknown>;
  stop(): Promise<void>;
}

export interface ChoresOrder {
  port: number;
  /** Origin of the sources of bob's batches. */
  source: string;
}

export const BATCH_ITEMS = 20;
const PAUSE_MS = 1000;
const KEY = { Authorization: 'Bearer key-of-the-owner-bob' };
/** The first bytes of a JPEG: accepted, and failed by the worker. */
const BROKEN = Buffer.from('\xff\xd8\xff\xe0', 'latin1');

/** Bob submits batches and retries a failed image, again and again, with a pause after each. */
export function startChores({ port, source }: ChoresOrder, refused: (what: string) => void): Chores {
  const stopping = new AbortController();
  const { signal } = stopping;
  const samples = { batch: openSamples(), retry: openSamples() };
  const inProgress = new Map<keyof ChoreTimes, { began: number; ended: Promise<void> }>();
  let rows = 0;

  async function batch(): Promise<void> {
    const items = Array.from({ length: BATCH_ITEMS }, () => ({ url: `${source}/image/small/${rows++}` }));
    const id = await post('/v1/batches', 'application/json', JSON.stringify({ items }));
    if (id !== null) await untilEnded(`/v1/batches/${id}`);
  }

  async function openRetry(): Promise<() => Promise<void>> {
    const id = await post('/v1/images', 'image/jpeg', BROKEN);
    await untilEnded(`/v1/images/${id}`);
    return async () => {
      if ((await post(`/v1/images/${id}/retry`, 'application/json', '{}')) !== null)
        await untilEnded(`/v1/images/${id}`);
    };
  }

  async function post(path: string, type: string, body: string | Buffer): Promise<string | null> {
    const headers = { ...KEY, 'Content-Type': type };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers,
      body,
      signal,
    });
    const { id, code } = (await response.json()) as { id: string; code?: string };
    if (response.status !== 202) refused(`POST ${path.replace(/img_\w+/, 'ID')} ${code}`);
    return response.status === 202 ? id : null;
  }

  async function untilEnded(path: string): Promise<void> {
    for (;;) {
      const headers = { ...KEY, Prefer: 'wait=60' };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, signal });
      const { status } = (await response.json()) as { status?: string };
      if (!response.ok) refused(`wait ${response.status}`);
      if (!response.ok || status === 'finished' || status === 'failed') return;
    }
  }

  async function repeat(kind: keyof ChoreTimes, open: () => Promise<() => Promise<void>>): Promise<void> {
    const act = await open();
    for (;;) {
      const began = performance.now();
      const ended = act();
      inProgress.set(kind, { began, ended });
      await ended;
      inProgress.delete(kind);
      samples[kind].add(performance.now() - began);
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }

  const running = [repeat('batch', async () => batch), repeat('retry', openRetry)].map((work) =>
    work.catch((error: Error) => {
      if (!signal.aborted) refused(error.message);
    }),
  );
  return {
    lap() {
      for (const [kind, { began }] of inProgress) samples[kind].add(performance.now() - began);
      return { batch: samples.batch.take(), retry: samples.retry.take() };
    },
    settle: () => Promise.allSettled([...inProgress.values()].map(({ ended }) => ended)),
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
