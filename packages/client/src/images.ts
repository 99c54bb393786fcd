import type { DirectUpload, DirectUploadRequest } from '@pixdock/contract/direct-upload';
import type { Image, KeptImage, RequestedDeletion, SignedUrl } from '@pixdock/contract/image';
import { isSettled } from '@pixdock/contract/status';
import { type CallOptions, checkOptions } from './call-options.js';
import { PixdockApiError } from './error.js';
import { type ByteSource, bodyOf, jsonBody, withProgress } from './http/body.js';
import { formBody } from './http/form.js';
import { pages } from './http/pages.js';
import { createResource } from './http/resource.js';
import type { Transport } from './http/transport.js';
import type {
  ContentOptions,
  ImageFilter,
  ImportOptions,
  SignOptions,
  SubmitOptions,
  SubmittedImage,
  UploadOptions,
} from './image-options.js';

const IMAGES = '/v1/images';
const pathOf = (id: string) => `${IMAGES}/${encodeURIComponent(id)}`;
const LOOKUP_SIZE = 1000;
const KEEP_SIZE = 200;

const SUBMIT_OPTIONS = [
  'profile',
  'externalId',
  'metadata',
  'sha256',
  'deleteAfterSeconds',
  'replace',
  'webhookUrl',
  'idempotencyKey',
  'wait',
  'signal',
] satisfies (keyof SubmitOptions)[];
const UPLOAD_OPTIONS = [...SUBMIT_OPTIONS, 'filename', 'onProgress'] satisfies (keyof UploadOptions)[];
const IMPORT_OPTIONS = [...SUBMIT_OPTIONS, 'headers'] satisfies (keyof ImportOptions)[];

/** Operations on single images. All throw `PixdockApiError`, or the reason of their `signal` once it aborts. */
export function createImages(transport: Transport) {
  return {
    ...createResource<Image>(transport, IMAGES, isSettled),

    /**
     * Uploads an image and resolves once the server has it, or after `wait` seconds.
     * @throws PixdockApiError with its `image` if it fails within `wait`, TypeError for a path instead of bytes, or an unknown option
     */
    async upload(source: ByteSource, options: UploadOptions = {}): Promise<SubmittedImage> {
      checkOptions(options, UPLOAD_OPTIONS);
      const { filename, wait, idempotencyKey, signal, onProgress, ...own } = options;
      const fields = textsOf(own);
      const body = withProgress(bodyOf(source), onProgress);
      // The server would read a body of the type JSON or multipart in another way.
      const file = {
        ...body,
        type: body.type?.startsWith('image/') ? body.type : 'application/octet-stream',
      };
      const sent =
        filename === undefined ? { body: file, query: fields } : { body: formBody(fields, filename, file) };
      return submit(transport, { ...sent, wait, idempotencyKey, signal });
    },

    /**
     * Uploads an image straight to OSS, and submits it. The staging of the server is a bucket, and the size of the source is known.
     * @throws PixdockApiError not_found if staging is a folder, and as `upload`
     */
    async uploadDirect(source: ByteSource, options: UploadOptions = {}): Promise<SubmittedImage> {
      checkOptions(options, UPLOAD_OPTIONS);
      const { filename, wait, idempotencyKey, signal, onProgress, ...fields } = options;
      const file = withProgress(bodyOf(source), onProgress);
      const request = { bytes: file.size, filename } satisfies Record<keyof DirectUploadRequest, unknown>;
      const { id, ...form } = await transport.read<DirectUpload>({
        method: 'POST',
        path: '/v1/direct-uploads',
        body: jsonBody(request),
        harmless: true,
        signal,
      });
      const body = formBody(form.fields, filename ?? 'file', file);
      const elsewhere = new URL(form.url);
      await transport
        .json({ method: 'POST', path: '', elsewhere, body, harmless: true, signal })
        .catch(ifStored);
      return submit(transport, { body: jsonBody({ upload: id, ...fields }), wait, idempotencyKey, signal });
    },

    /** Lets the server fetch an image from an http(s) URL. */
    async importUrl(url: string, options: ImportOptions = {}): Promise<SubmittedImage> {
      checkOptions(options, IMPORT_OPTIONS);
      const { wait, idempotencyKey, signal, ...fields } = options;
      return submit(transport, { body: jsonBody({ url, ...fields }), wait, idempotencyKey, signal });
    },

    /** Images of this key, newest first unless a prefix or `stage` is given. Pages are read on demand. */
    list({ signal, metadata = {}, ...filter }: ImageFilter = {}): AsyncGenerator<Image, void, undefined> {
      const values = Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value]);
      return pages<Image>(transport, IMAGES, { ...filter, ...Object.fromEntries(values) }, signal);
    },

    /** Retries a failed image. */
    async retry(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return transport.read({ method: 'POST', path: `${pathOf(id)}/retry`, signal });
    },

    /** Approves a held image: it is published. Needs the scope `review`. */
    async approve(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return decide(transport, id, 'approve', signal);
    },

    /** Rejects a held image: it fails with `content_rejected`. Needs the scope `review`. */
    async reject(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return decide(transport, id, 'reject', signal);
    },

    /** The picture of a held image, which has no URL yet. Needs the scope `review`. */
    content(
      id: string,
      { variant = 'main', signal }: ContentOptions = {},
    ): Promise<ReadableStream<Uint8Array>> {
      const path = `${pathOf(id)}/content/${encodeURIComponent(variant)}`;
      return transport.stream({ method: 'GET', path, signal });
    },

    /**
     * Makes a signed URL for a private image. Anyone with the URL can read the variant until `expiresAt`.
     * @param variant by default `main`
     * @param expiresInSeconds by default 600, at most 604800
     * @throws PixdockApiError not_signable for a public or unpublished image
     */
    async sign(id: string, { variant, expiresInSeconds, signal }: SignOptions = {}): Promise<SignedUrl> {
      const path = `${pathOf(id)}/sign`;
      const body = jsonBody({ variant, expiresInSeconds });
      return transport.read({ method: 'POST', path, body, harmless: true, signal });
    },

    /**
     * Keeps an image that was submitted with `deleteAfterSeconds`.
     * @throws PixdockApiError already_deleted once its deletion has begun
     */
    async keep(id: string, { signal }: CallOptions = {}): Promise<Image> {
      const path = `${pathOf(id)}/keep`;
      return transport.read({ method: 'POST', path, harmless: true, signal });
    },

    /** Like `keep`, for any number of images. The result says for each one whether it is kept, or why not. */
    async keepAll(ids: Iterable<string>, { signal }: CallOptions = {}): Promise<KeptImage[]> {
      return postAll(transport, `${IMAGES}/keep`, 'ids', ids, KEEP_SIZE, signal);
    },

    /**
     * Requests the deletion of all images with this externalId, also of items of batches. Yields each image once its deletion
     * is requested. A repeat yields only images whose deletion is not requested yet.
     */
    async *deleteByExternalId(
      externalId: string,
      { signal }: CallOptions = {},
    ): AsyncGenerator<RequestedDeletion, void, undefined> {
      let cursor: string | undefined;
      do {
        const body = jsonBody({ externalId, cursor });
        const call = { method: 'POST', path: `${IMAGES}/delete`, body, harmless: true, signal } as const;
        const page = await transport.read<{ items: RequestedDeletion[]; next?: string }>(call);
        yield* page.items;
        cursor = page.next;
      } while (cursor !== undefined);
    },

    /** Finds published images of this key by the hex SHA-256 of their sources. */
    async lookup(sha256s: Iterable<string>, { signal }: CallOptions = {}): Promise<Image[]> {
      return postAll(transport, `${IMAGES}/lookup`, 'sha256', sha256s, LOOKUP_SIZE, signal);
    },
  };
}

/** OSS takes a form once: an earlier try has stored the file, but its response was lost. */
function ifStored(error: unknown): void {
  if (!(error instanceof PixdockApiError) || error.status !== 409) throw error;
}

/** Posts distinct values as the member `name`, at most `size` per request; returns the items of all responses. */
async function postAll<T>(
  transport: Transport,
  path: string,
  name: string,
  values: Iterable<string>,
  size: number,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const all = [...new Set(values)];
  const items: T[] = [];
  for (let at = 0; at < all.length; at += size) {
    const body = jsonBody({ [name]: all.slice(at, at + size) });
    const call = { method: 'POST', path, body, harmless: true, signal } as const;
    items.push(...(await transport.read<{ items: T[] }>(call)).items);
  }
  return items;
}

/** A repeat of the same decision is accepted. */
function decide(
  transport: Transport,
  id: string,
  decision: 'approve' | 'reject',
  signal: AbortSignal | undefined,
): Promise<Image> {
  const path = `${pathOf(id)}/${decision}`;
  return transport.read({ method: 'POST', path, harmless: true, outlivesPage: true, signal });
}

interface SubmitRequest extends Pick<SubmitOptions, 'wait' | 'idempotencyKey' | 'signal'> {
  body: ReturnType<typeof bodyOf>;
  query?: Record<string, string>;
}

function submit(transport: Transport, { wait, ...rest }: SubmitRequest): Promise<SubmittedImage> {
  const headers = { Prefer: wait === undefined ? undefined : `wait=${Math.ceil(wait)}` };
  return transport.read({ method: 'POST', path: IMAGES, headers, creates: true, ...rest });
}

function textsOf({ metadata, ...fields }: Omit<SubmitOptions, keyof CallOptions>): Record<string, string> {
  const given = Object.entries({ ...fields, metadata: metadata && JSON.stringify(metadata) });
  return Object.fromEntries(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
