import type { Image, Status } from '@pixdock/contract/image';
import { type ByteSource, bodyOf, jsonBody } from './http/body.js';
import { formBody } from './http/form.js';
import { pages } from './http/pages.js';
import type { Transport } from './http/transport.js';
import { type WaitOptions, waitUntilFinal, watch } from './http/watch.js';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call, which throws its reason. */
  signal?: AbortSignal | undefined;
}

/** What goes with an image. */
export interface SubmitOptions extends CallOptions {
  /** The recipe. Default `default`. */
  profile?: string | undefined;
  /** Yours, up to 256 characters. */
  externalId?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
  /** Hex SHA-256 of the source; a source with another one is refused. */
  sha256?: string | undefined;
  /** Two submissions with one key are one image. Made by itself where the body can be sent again. */
  idempotencyKey?: string | undefined;
  /** Seconds, 60 at most, that the answer may wait for the image to be final. */
  wait?: number | undefined;
}

/** What goes with the bytes of an image. */
export interface UploadOptions extends SubmitOptions {
  /** Kept with the image. A form is sent then, which costs the server a little more than the bytes alone. */
  filename?: string | undefined;
}

/** What goes with the address of an image. */
export interface ImportOptions extends SubmitOptions {
  /** Sent to the source: Accept, Accept-Language, Authorization, Referer and User-Agent may be. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Which images; all that is given has to match. */
export interface ImageFilter extends CallOptions {
  status?: Status | undefined;
  batchId?: string | undefined;
  externalId?: string | undefined;
}

const LOOKUP_SIZE = 1000;

/** Everything about single images. All throw `PixdockApiError`, or the reason of their `signal` once that is aborted. */
export function createImages(transport: Transport) {
  return {
    /**
     * Sends an image and resolves with it as soon as the server has it, or after `wait`. An image that failed within
     * `wait` is thrown as a `PixdockApiError` with that `image`.
     */
    async upload(source: ByteSource, options: UploadOptions = {}): Promise<Image> {
      const { filename, wait, idempotencyKey, signal } = options;
      const fields = fieldsOf(options);
      const body = bodyOf(source);
      // The server tells the type from the bytes; a wrong one must not keep it from looking.
      const file = {
        ...body,
        type: body.type?.startsWith('image/') ? body.type : 'application/octet-stream',
      };
      const sent =
        filename === undefined ? { body: file, query: fields } : { body: formBody(fields, filename, file) };
      return submit(transport, { ...sent, wait, idempotencyKey, signal });
    },

    /** Has the server fetch an image by its http(s) address. */
    async importUrl(url: string, options: ImportOptions = {}): Promise<Image> {
      const { profile, externalId, metadata, sha256, headers, wait, idempotencyKey, signal } = options;
      const body = jsonBody({ url, profile, externalId, metadata, sha256, headers });
      return submit(transport, { body, wait, idempotencyKey, signal });
    },

    /** The image as it is now. Throws `not_found` for one that is not yours, too. */
    async get(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return (await transport.json<Image>({ method: 'GET', path: pathOf(id), signal })).body;
    },

    /** Yours, newest first; pages are read as they are needed. */
    list({ signal, ...filter }: ImageFilter = {}): AsyncGenerator<Image, void, undefined> {
      return pages<Image>(transport, '/v1/images', filter, signal);
    },

    /** Resolves with the final image, whatever its status. Throws a `TimeoutError` after `timeoutMs`, if that is given. */
    waitFor(id: string, options: WaitOptions = {}): Promise<Image> {
      return waitUntilFinal<Image>(transport, pathOf(id), isFinalImage, options);
    },

    /** Snapshots with rising versions; ends with the final one. */
    watch(id: string, { signal }: CallOptions = {}): AsyncGenerator<Image, void, undefined> {
      return watch<Image>(transport, pathOf(id), isFinalImage, signal);
    },

    /** Puts a failed image back to the queue. */
    async retry(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return (await transport.json<Image>({ method: 'POST', path: `${pathOf(id)}/retry`, signal })).body;
    },

    /** Asks for its deletion; `waitFor` tells when its objects are gone. */
    async delete(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return (await transport.json<Image>({ method: 'DELETE', path: pathOf(id), signal })).body;
    },

    /** Your published images of sources with these SHA-256, in hex; any number of them. */
    async lookup(sha256s: Iterable<string>, { signal }: CallOptions = {}): Promise<Image[]> {
      const all = [...new Set(sha256s)];
      const found: Image[] = [];
      for (let at = 0; at < all.length; at += LOOKUP_SIZE) {
        const body = jsonBody({ sha256: all.slice(at, at + LOOKUP_SIZE) });
        const path = '/v1/images/lookup';
        const answer = await transport.json<{ items: Image[] }>({
          method: 'POST',
          path,
          body,
          harmless: true,
          signal,
        });
        found.push(...answer.body.items);
      }
      return found;
    },
  };
}

/** True once nothing more will happen by itself: a final status, and no deletion on its way. */
function isFinalImage({ status, deleteRequestedAt }: Image): boolean {
  if (status === 'deleted') return true;
  return status !== 'queued' && status !== 'processing' && deleteRequestedAt === null;
}

const pathOf = (id: string) => `/v1/images/${encodeURIComponent(id)}`;

interface Submission extends Pick<SubmitOptions, 'wait' | 'idempotencyKey' | 'signal'> {
  body: ReturnType<typeof bodyOf>;
  query?: Record<string, string>;
}

async function submit(transport: Transport, { wait, ...rest }: Submission): Promise<Image> {
  const headers = { Prefer: wait === undefined ? undefined : `wait=${Math.ceil(wait)}` };
  return (
    await transport.json<Image>({ method: 'POST', path: '/v1/images', headers, creates: true, ...rest })
  ).body;
}

function fieldsOf({ profile, externalId, metadata, sha256 }: SubmitOptions): Record<string, string> {
  const given = { profile, externalId, sha256, metadata: metadata && JSON.stringify(metadata) };
  return Object.fromEntries(
    Object.entries(given).filter((field): field is [string, string] => field[1] !== undefined),
  );
}
