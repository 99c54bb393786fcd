import type { Batch } from '@pixdock/shared/contract/batch';
import type { Image } from '@pixdock/shared/contract/image';
import { SOURCE_AUTHORIZATION } from '../harness/leaks.js';
import type { Wanted, WantedBatch } from './history.js';
import type { Picture } from './pictures.js';
import type { Run } from './run.js';

interface Told {
  status: number;
  body: Record<string, unknown>;
}

/** Longer than any promise of the API, shorter than anybody waits. */
const PATIENCE_MS = 30_000;
const ACME = 'key-of-acme';
const OTHER = 'key-of-other';

export interface Row {
  name: string;
  picture: Picture;
  url: string;
}

/** A client that keeps a history of all it asks and is told. */
export interface Driver {
  upload(name: string, picture: Picture): Promise<Told | null>;
  /** Has the service fetch the picture. */
  fetchFrom(name: string, picture: Picture): Promise<Told | null>;
  batch(name: string, rows: readonly Row[]): Promise<Told | null>;
  remove(id: string): Promise<Told | null>;
  retry(id: string): Promise<Told | null>;
  read(id: string): Promise<Told | null>;
  /** Reads as somebody else. */
  readForeign(id: string): Promise<Told | null>;
  /** All pages of a list; null when one of them was refused. */
  list<T>(path: string): Promise<T[] | null>;
}

export function openDriver({ stack, history, leaks, urlOf }: Run): Driver {
  /** Null when no answer came. */
  async function ask(method: string, path: string, init: RequestInit = {}, key = ACME): Promise<Told | null> {
    const askedAtMs = performance.now();
    try {
      const response = await fetch(new URL(path, stack.api.url), {
        ...init,
        method,
        headers: { Authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await response.text();
      const { status } = response;
      history.answers.set(status, (history.answers.get(status) ?? 0) + 1);
      const whole = `${[...response.headers].map((header) => header.join(': ')).join('\n')}\n\n${text}`;
      for (const leak of leaks.inAnswer(whole)) history.find(`${method} ${path}`, `its answer tells ${leak}`);
      if (status >= 500 && status !== 503) history.find(`${method} ${path}`, `${status} ${text}`);
      const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
      // A repeated request is given its first answer again, which tells of then.
      if (!isCreation(method, path)) for (const image of imagesIn(body)) history.saw(image, askedAtMs);
      return { status, body };
    } catch {
      return null;
    }
  }

  /** Asks for something under its name, which is also the key of its repeats. */
  async function create(wanted: Wanted | WantedBatch, path: string, init: RequestInit): Promise<Told | null> {
    const headers = { ...(init.headers as Record<string, string>), 'Idempotency-Key': wanted.name };
    const told = await ask('POST', path, { ...init, headers });
    if (told === null) wanted.unanswered++;
    else if (told.status === 202) wanted.ids.add(String(told.body.id));
    // The request that has the key may still make it.
    else if (told.body.code === 'idempotency_in_progress') wanted.unanswered++;
    else wanted.refusals++;
    return told;
  }

  return {
    upload(name, picture) {
      const form = new FormData();
      form.append('externalId', name);
      form.append('file', new Blob([new Uint8Array(picture.bytes)], { type: picture.type }), 'photo.jpg');
      return create(history.want(name, picture), '/v1/images', { body: form });
    },

    fetchFrom(name, picture) {
      const body = JSON.stringify({
        url: urlOf(picture, name),
        externalId: name,
        headers: { authorization: SOURCE_AUTHORIZATION },
      });
      const headers = { 'Content-Type': 'application/json' };
      return create(history.want(name, picture), '/v1/images', { body, headers });
    },

    async batch(name, rows) {
      const lines = rows.map((row) => ({
        url: row.url,
        externalId: row.name,
        headers: { authorization: SOURCE_AUTHORIZATION },
      }));
      const wanted = history.wantBatch(
        name,
        rows.map((row) => row.name),
      );
      for (const row of rows) history.want(row.name, row.picture);
      const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      return create(wanted, '/v1/batches', { body, headers: { 'Content-Type': 'application/x-ndjson' } });
    },

    async remove(id) {
      const before = history.deletions.get(id);
      // Before it is answered already, others may see it deleted.
      history.deletions.set(id, before ?? 'unanswered');
      const told = await ask('DELETE', `/v1/images/${id}`);
      if (told?.status === 202) history.deletions.set(id, 'promised');
      return told;
    },

    retry: (id) => ask('POST', `/v1/images/${id}/retry`),
    read: (id) => ask('GET', `/v1/images/${id}`),

    async readForeign(id) {
      const told = await ask('GET', `/v1/images/${id}`, {}, OTHER);
      if (told !== null && told.status !== 404 && told.status !== 503)
        history.find(id, `another owner who reads it is told ${told.status}`);
      return told;
    },

    async list<T>(path: string) {
      const all: T[] = [];
      let cursor = '';
      do {
        const told = await ask('GET', `${path}?limit=100${cursor}`);
        if (told?.status !== 200) return null;
        all.push(...(told.body.items as T[]));
        cursor = typeof told.body.next === 'string' ? `&cursor=${encodeURIComponent(told.body.next)}` : '';
      } while (cursor !== '');
      return all;
    },
  };
}

const isCreation = (method: string, path: string) =>
  method === 'POST' && (path === '/v1/images' || path === '/v1/batches');

function imagesIn(body: Record<string, unknown>): Image[] {
  const items = Array.isArray(body.items) ? (body.items as (Image | Batch)[]) : [body as unknown as Image];
  return items.filter((item): item is Image => typeof item.id === 'string' && item.id.startsWith('img_'));
}
