import { openExchange, type Told } from './exchange.js';
import type { Wanted, WantedBatch } from './history.js';
import { SOURCE_AUTHORIZATION } from './leaks.js';
import type { Picture } from './pictures.js';
import type { Run } from './run.js';

interface Row {
  name: string;
  picture: Picture;
  url: string;
}

/** A client that keeps a history of all it asks and is told; null is told where no answer came. */
export interface Driver {
  upload(name: string, picture: Picture): Promise<Told | null>;
  /** Goes away in the middle of an upload. */
  breakOff(name: string, picture: Picture): Promise<void>;
  /** Asks for another picture under a name that is taken. */
  contradict(name: string, picture: Picture): Promise<void>;
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

export function openDriver(run: Run): Driver {
  const { history, urlOf } = run;
  const ask = openExchange(run);

  /** Asks for something under its name, which is also the key of its repeats. */
  async function create(wanted: Wanted | WantedBatch, path: string, init: RequestInit): Promise<Told | null> {
    const headers = { ...(init.headers as Record<string, string>), 'Idempotency-Key': wanted.name };
    const told = await ask('POST', path, { ...init, headers });
    if (told === null) wanted.unanswered++;
    else if (told.id !== null) wanted.ids.add(told.id);
    // The request that has the key may still make it.
    else if (told.body.code === 'idempotency_in_progress') wanted.unanswered++;
    else wanted.refusals++;
    return told;
  }

  return {
    upload: (name, picture) =>
      create(history.want(name, picture), '/v1/images', { body: formOf(name, picture) }),

    async breakOff(name, picture) {
      history.want(name, picture).unanswered++;
      const gone = new AbortController();
      const { bytes, type } = picture;
      async function* half() {
        yield bytes.subarray(0, bytes.length / 2);
        gone.abort();
      }
      const body = ReadableStream.from(half());
      const headers = { 'Content-Type': type, 'Idempotency-Key': name };
      const path = `/v1/images?externalId=${name}`;
      await ask('POST', path, { body, headers, signal: gone.signal, duplex: 'half' });
    },

    async contradict(name, picture) {
      const headers = { 'Idempotency-Key': name };
      const told = await ask('POST', '/v1/images', { body: formOf(name, picture), headers });
      if (told !== null && told.id !== null) history.find(name, `another picture was accepted as ${told.id}`);
    },

    fetchFrom(name, picture) {
      const row = { name, picture, url: urlOf(picture, name) };
      const headers = { 'Content-Type': 'application/json' };
      return create(history.want(name, picture), '/v1/images', { body: lineOf(row), headers });
    },

    async batch(name, rows) {
      const names = rows.map((row) => row.name);
      for (const row of rows) history.want(row.name, row.picture);
      const body = rows.map((row) => `${lineOf(row)}\n`).join('');
      const headers = { 'Content-Type': 'application/x-ndjson' };
      return create(history.wantBatch(name, names), '/v1/batches', { body, headers });
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
      const told = await ask('GET', `/v1/images/${id}`, {}, 'key-of-other');
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

function formOf(name: string, { bytes, type }: Picture): FormData {
  const form = new FormData();
  form.append('externalId', name);
  form.append('file', new Blob([new Uint8Array(bytes)], { type }), 'photo.jpg');
  return form;
}

const lineOf = ({ name, url }: Row) =>
  JSON.stringify({ url, externalId: name, headers: { authorization: SOURCE_AUTHORIZATION } });
