import type { DirectUpload } from '@pixdock/contract/direct-upload';
import type { Image } from '@pixdock/contract/image';
import { SOURCE_AUTHORIZATION } from '../harness/leaks.js';
import { openExchange, type Reply } from './exchange.js';
import type { Wanted, WantedBatch } from './history.js';
import { pictureWorkbook } from './picture-workbook.js';
import type { Picture } from './pictures.js';
import type { Installation } from './run.js';
import { REVIEWER_KEY, type Wish } from './wishes.js';

interface Row {
  name: string;
  picture: Picture;
  url: string;
  wish?: Wish;
}

/** A client that records its requests and responses in the history. It returns null when there was no response. */
export interface Driver {
  upload(name: string, picture: Picture, wish?: Wish): Promise<Reply | null>;
  /** Takes the next step of a resumable upload: its creation, its first half, or the rest. Only the last reply has the id. */
  uploadInParts(name: string, picture: Picture): Promise<Reply | null>;
  /** Takes the next step of a direct upload: its creation, the file, or its submission. Only the last reply has the id. */
  uploadDirect(name: string, picture: Picture): Promise<Reply | null>;
  /** Closes the connection in the middle of an upload. */
  abortUpload(name: string, picture: Picture): Promise<void>;
  /** Uploads another picture under a name that is already used. */
  reuseName(name: string, picture: Picture): Promise<void>;
  /** Asks the service to fetch the picture from its URL. */
  importImage(name: string, picture: Picture): Promise<Reply | null>;
  batch(name: string, rows: readonly Row[]): Promise<Reply | null>;
  /** A batch of a workbook that has the pictures itself. */
  workbook(name: string, rows: readonly Omit<Row, 'url'>[]): Promise<Reply | null>;
  remove(id: string): Promise<Reply | null>;
  keep(id: string): Promise<Reply | null>;
  /** Decides on an image as a person. */
  decide(id: string, verdict: 'approve' | 'reject'): Promise<Reply | null>;
  /** Decides on the images that are held, as wished. */
  decideHeld(): Promise<void>;
  retry(id: string): Promise<Reply | null>;
  read(id: string): Promise<Reply | null>;
  /** Reads as another owner. */
  readAsOther(id: string): Promise<Reply | null>;
  /** The id of the newest published image with an externalId. */
  findCurrent(externalId: string): Promise<string | undefined>;
  /** All pages of a list; null when one of them was refused. */
  list<T>(path: string): Promise<T[] | null>;
}

export function openDriver(run: Installation): Driver {
  const { history, urlOf } = run;
  const ask = openExchange(run);
  /** The paths of resumable uploads, by name. */
  const uploads = new Map<string, string>();
  /** The direct uploads, and whether OSS has their file, by name. */
  const directUploads = new Map<string, { form: DirectUpload; isSent: boolean }>();

  /** Requests an image or a batch under its name, which is also its Idempotency-Key. */
  async function create(
    wanted: Wanted | WantedBatch,
    path: string,
    init: RequestInit,
  ): Promise<Reply | null> {
    const headers = { ...(init.headers as Record<string, string>), 'Idempotency-Key': wanted.name };
    return record(wanted, await ask('POST', path, { ...init, headers }));
  }

  function record(wanted: Wanted | WantedBatch, reply: Reply | null): Reply | null {
    history.submissions.push({ status: reply?.status ?? null, atMs: performance.now() });
    if (reply === null) wanted.unanswered++;
    else if (reply.id !== null) {
      wanted.ids.add(reply.id);
      history.recordName({ id: reply.id, externalId: wanted.name, metadata: {} });
    }
    // The request that holds the key may still create it.
    else if (reply.body.code === 'idempotency_in_progress') wanted.unanswered++;
    else if (reply.status >= 400) wanted.refusals++;
    return reply;
  }

  async function createUpload(name: string, { bytes, type }: Picture): Promise<Reply | null> {
    const encoded = (text: string) => Buffer.from(text).toString('base64');
    const reply = await ask('POST', '/v1/uploads', {
      headers: {
        ...TUS,
        'Upload-Length': String(bytes.length),
        'Upload-Metadata': `externalId ${encoded(name)},filetype ${encoded(type)}`,
        'Idempotency-Key': name,
      },
    });
    const path = reply?.status === 201 ? reply.headers.get('Location') : null;
    if (path) uploads.set(name, path);
    return reply;
  }

  async function continueUpload(path: string, { bytes }: Picture): Promise<Reply | null> {
    const head = await ask('HEAD', path, { headers: TUS });
    if (head?.status !== 200 || head.id !== null) return head;
    const offset = Number(head.headers.get('Upload-Offset'));
    const half = Math.floor(bytes.length / 2);
    const body = new Uint8Array(bytes.subarray(offset, offset < half ? half : undefined));
    const headers = {
      ...TUS,
      'Upload-Offset': String(offset),
      'Content-Type': 'application/offset+octet-stream',
    };
    return ask('PATCH', path, { headers, body });
  }

  return {
    upload: (name, picture, wish = {}) =>
      create(history.want(name, picture, wish), '/v1/images', { body: formOf(name, picture, wish) }),

    async uploadInParts(name, picture) {
      const wanted = history.want(name, picture);
      const path = uploads.get(name);
      const reply = await (path === undefined ? createUpload(name, picture) : continueUpload(path, picture));
      if (reply?.status === 404) uploads.delete(name);
      return record(wanted, reply);
    },

    async uploadDirect(name, picture) {
      const wanted = history.want(name, picture);
      const upload = directUploads.get(name);
      if (upload === undefined) {
        const reply = await ask('POST', '/v1/direct-uploads', { body: '{}', headers: JSON_TYPE });
        const form = reply?.body as DirectUpload | undefined;
        if (reply?.status === 201 && form) directUploads.set(name, { form, isSent: false });
        return record(wanted, reply?.status === 201 ? { ...reply, id: null } : reply);
      }
      if (!upload.isSent) {
        const status = await postForm(upload.form, picture);
        // An earlier try may have stored it.
        upload.isSent = status === 204 || status === 409;
        return null;
      }
      const body = JSON.stringify({ upload: upload.form.id, externalId: name });
      const reply = await create(wanted, '/v1/images', { body, headers: JSON_TYPE });
      if (reply?.status === 404) directUploads.delete(name);
      return reply;
    },

    async abortUpload(name, picture) {
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

    async reuseName(name, picture) {
      const headers = { 'Idempotency-Key': name };
      const reply = await ask('POST', '/v1/images', { body: formOf(name, picture, {}), headers });
      if (reply !== null && reply.id !== null)
        history.addFinding(name, `another picture was accepted as ${reply.id}`);
    },

    importImage(name, picture) {
      const row = { name, picture, url: urlOf(picture, name) };
      return create(history.want(name, picture), '/v1/images', { body: lineOf(row), headers: JSON_TYPE });
    },

    async batch(name, rows) {
      const names = rows.map((row) => row.name);
      for (const row of rows) history.want(row.name, row.picture, row.wish);
      const body = rows.map((row) => `${lineOf(row)}\n`).join('');
      const headers = { 'Content-Type': 'application/x-ndjson' };
      return create(history.wantBatch(name, names), '/v1/batches', { body, headers });
    },

    async workbook(name, rows) {
      for (const one of rows) history.want(one.name, one.picture);
      const headers = { 'Content-Type': 'application/octet-stream' };
      const wanted = history.wantBatch(
        name,
        rows.map((one) => one.name),
      );
      return create(wanted, '/v1/batches', { body: new Uint8Array(pictureWorkbook(rows)), headers });
    },

    async remove(id) {
      const before = history.deletions.get(id);
      // Other requests may see the deletion before this one has a response.
      history.deletions.set(id, before ?? 'unanswered');
      const reply = await ask('DELETE', `/v1/images/${id}`);
      if (reply?.status === 202) history.deletions.set(id, 'promised');
      return reply;
    },

    async keep(id) {
      const before = history.keeps.get(id);
      // It may be kept without a response.
      history.keeps.set(id, before ?? 'unanswered');
      const reply = await ask('POST', `/v1/images/${id}/keep`);
      if (reply?.status === 200) history.keeps.set(id, 'promised');
      if (reply?.body.code === 'already_deleted' && before === undefined) history.keeps.delete(id);
      return reply;
    },

    decide(id, verdict) {
      if (verdict === 'approve') history.noteFirst('approvals', id);
      return ask('POST', `/v1/images/${id}/${verdict}`, {}, REVIEWER_KEY);
    },

    async decideHeld() {
      const reply = await ask('GET', '/v1/images?stage=reviewing&limit=100', {}, REVIEWER_KEY);
      if (reply?.status !== 200) return;
      for (const image of reply.body.items as Image[]) {
        const verdict = history.images.get(history.nameOf(image))?.wish.verdict;
        if (verdict === undefined) history.addFinding(image.id, 'is held without a reason');
        else await this.decide(image.id, verdict);
      }
    },

    retry: (id) => ask('POST', `/v1/images/${id}/retry`),
    read: (id) => ask('GET', `/v1/images/${id}`),

    async readAsOther(id) {
      const reply = await ask('GET', `/v1/images/${id}`, {}, 'key-of-the-owner-other');
      // While OSS fails, a look-up of an unknown id takes longer, and more of them are refused for now.
      if (reply !== null && ![404, 429, 503].includes(reply.status))
        history.addFinding(id, `a read by another owner returns ${reply.status}`);
      return reply;
    },

    async findCurrent(externalId) {
      const reply = await ask('GET', `/v1/images?externalId=${externalId}&status=published&limit=1`);
      return (reply?.body.items as Image[] | undefined)?.[0]?.id;
    },

    async list<T>(path: string) {
      const all: T[] = [];
      let cursor = '';
      do {
        const reply = await ask('GET', `${path}?limit=100${cursor}`);
        if (reply?.status !== 200) return null;
        all.push(...(reply.body.items as T[]));
        cursor = typeof reply.body.next === 'string' ? `&cursor=${encodeURIComponent(reply.body.next)}` : '';
      } while (cursor !== '');
      return all;
    },
  };
}

const TUS = { 'Tus-Resumable': '1.0.0' };
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Posts the file of a direct upload to OSS. @returns the status; null without a response */
async function postForm({ url, fields }: DirectUpload, { bytes, type }: Picture): Promise<number | null> {
  const body = new FormData();
  for (const [field, value] of Object.entries(fields)) body.append(field, value);
  body.append('file', new Blob([new Uint8Array(bytes)], { type }), 'photo.jpg');
  const sent = fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(10_000) });
  return sent.then(
    ({ status }) => status,
    () => null,
  );
}

function formOf(name: string, { bytes, type }: Picture, wish: Wish): FormData {
  const { profile, deleteAfterSeconds, replaces } = wish;
  const fields = {
    externalId: replaces ?? name,
    ...(profile && { profile }),
    ...(deleteAfterSeconds && { deleteAfterSeconds: String(deleteAfterSeconds) }),
    ...(replaces && { replace: 'true', 'metadata.name': name }),
  };
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append('file', new Blob([new Uint8Array(bytes)], { type }), 'photo.jpg');
  return form;
}

const lineOf = ({ name, url, wish }: Row) =>
  JSON.stringify({
    url,
    externalId: name,
    profile: wish?.profile,
    headers: { authorization: SOURCE_AUTHORIZATION },
  });
