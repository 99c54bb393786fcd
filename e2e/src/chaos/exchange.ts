import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import type { Run } from './run.js';

export interface Told {
  status: number;
  body: Record<string, unknown>;
  /** Of something that the answer says is accepted, now or by an earlier request. */
  id: string | null;
}

/** Longer than any promise of the API, shorter than anybody waits. */
const PATIENCE_MS = 30_000;

/** Sends one request and notes what its answer tells; null when there was none. */
export type Ask = (method: string, path: string, init?: RequestInit, key?: string) => Promise<Told | null>;

export function openExchange({ stack, history, leaks }: Run): Ask {
  return async (method, path, init = {}, key = 'key-of-acme') => {
    const askedAtMs = performance.now();
    const about = `${method} ${path}`;
    try {
      const response = await fetch(new URL(path, stack.api.url), {
        ...init,
        method,
        headers: { Authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
        signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(init.signal ? [init.signal] : [])]),
      });
      const text = await response.text();
      const { status } = response;
      history.answers.set(status, (history.answers.get(status) ?? 0) + 1);
      const whole = `${[...response.headers].map((header) => header.join(': ')).join('\n')}\n\n${text}`;
      for (const leak of leaks.inAnswer(whole)) history.find(about, `its answer tells ${leak}`);
      if (status >= 500 && status !== 503) history.find(about, `${status} ${text}`);
      const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
      // A repeated request is given its first answer again, which tells of then.
      if (!isCreation(method, path)) for (const image of imagesIn(body)) history.saw(image, askedAtMs);
      return { status, body, id: acceptedIn(status, body) };
    } catch {
      return null;
    }
  };
}

const isCreation = (method: string, path: string) =>
  method === 'POST' && (path === '/v1/images' || path === '/v1/batches');

function imagesIn(body: Record<string, unknown>): Image[] {
  const items = Array.isArray(body.items) ? (body.items as (Image | Batch)[]) : [body as unknown as Image];
  return items.filter((item): item is Image => typeof item.id === 'string' && item.id.startsWith('img_'));
}

/** What is repeated after it has ended is told as it ended: as published, or as a problem with the image in it. */
function acceptedIn(status: number, body: Record<string, unknown>): string | null {
  const made = status === 422 ? (body.image as { id?: unknown } | undefined) : body;
  const isAccepted = status === 201 || status === 202 || status === 422;
  return isAccepted && typeof made?.id === 'string' ? made.id : null;
}
