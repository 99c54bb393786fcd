import type { Image } from '@pixdock/contract/image';
import type { Installation } from './run.js';

export interface Reply {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  /** Id of the image or batch that the response calls accepted, by this request or an earlier one. */
  id: string | null;
}

/** Longer than the API may take for any response. */
const TIMEOUT_MS = 30_000;

/** Sends one request and records the response; null when there was none. */
export type Ask = (method: string, path: string, init?: RequestInit, key?: string) => Promise<Reply | null>;

export function openExchange({ nextApi, history, leaks }: Installation): Ask {
  return async (method, path, init = {}, key = 'key-of-the-owner-acme') => {
    const sentAtMs = performance.now();
    const about = `${method} ${path}`;
    try {
      const response = await fetch(new URL(path, nextApi().url), {
        ...init,
        method,
        headers: { Authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(init.signal ? [init.signal] : [])]),
      });
      const text = await response.text();
      const { status } = response;
      const whole = `${[...response.headers].map((header) => header.join(': ')).join('\n')}\n\n${text}`;
      // The form of a direct upload has the id of the access key and the address of OSS.
      const found = path === '/v1/direct-uploads' ? [] : leaks.inResponse(whole);
      for (const leak of found) history.addFinding(about, `its response reveals ${leak}`);
      if (status >= 500 && status !== 503) history.addFinding(about, `${status} ${text}`);
      const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
      for (const image of imagesIn(body)) {
        history.recordName(image);
        // A repeated request gets its first response again, which describes an earlier state.
        if (!isCreation(method, path)) history.recordImage(image, sentAtMs);
      }
      const { headers } = response;
      return { status, headers, body, id: headers.get('Pixdock-Id') ?? acceptedIn(status, body) };
    } catch {
      return null;
    }
  };
}

const isCreation = (method: string, path: string) =>
  method === 'POST' && (path === '/v1/images' || path === '/v1/batches');

function imagesIn(body: Record<string, unknown>): Image[] {
  const items: unknown[] = Array.isArray(body.items) ? body.items : [body.image ?? body];
  return items.filter(isImage);
}

const isImage = (item: unknown): item is Image =>
  typeof item === 'object' && item !== null && 'id' in item && String(item.id).startsWith('img_');

/** A repeat that arrives after the image has ended gets the image, or a problem that contains the image. */
function acceptedIn(status: number, body: Record<string, unknown>): string | null {
  const made = status === 422 ? (body.image as { id?: unknown } | undefined) : body;
  const isAccepted = status === 201 || status === 202 || status === 422;
  return isAccepted && typeof made?.id === 'string' ? made.id : null;
}
