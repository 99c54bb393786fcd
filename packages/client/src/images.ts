import type { Image, KeptImage, RequestedDeletion, SignedUrl } from '@pixdock/contract/image';
import { isSettled } from '@pixdock/contract/status';
import { type CallOptions, checkOptions } from './call-options.js';
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
      const { filename, wait, idempotencyKey, signal, onProgress } = options;
      const fields = fieldsOf(options);
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

    /** Lets the server fetch an image from an http(s) URL. */
    async importUrl(url: string, options: ImportOptions = {}): Promise<SubmittedImage> {
      checkOptions(options, IMPORT_OPTIONS);
      const { headers, wait, idempotencyKey, signal } = options;
      const { profile, externalId, metadata, sha256, deleteAfterSeconds, replace, webhookUrl } = options;
      const own = { profile, externalId, metadata, sha256, deleteAfterSeconds, replace, webhookUrl };
      const body = jsonBody({ url, ...own, headers });
      return submit(transport, { body, wait, idempotencyKey, signal });
    },

    /** Images of this key, newest first unless a prefix or `stage` is given. Pages are read on demand. */
    list({ signal, metadata = {}, ...filter }: ImageFilter = {}): AsyncGenerator<Image, void, undefined> {
      const values = Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value]);
      return pages<Image>(transport, IMAGES, { ...filter, ...Object.fromEntries(values) }, signal);
    },

    /** Retries a failed image. */
    async retry(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return transport.read({ method: 'POST', path: `${IMAGES}/${encodeURIComponent(id)}/retry`, signal });
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
      const path = `${IMAGES}/${encodeURIComponent(id)}/content/${encodeURIComponent(variant)}`;
      return transport.stream({ method: 'GET', path, signal });
    },

    /**
     * Makes a signed URL for a private image. Anyone with the URL can read the variant until `expiresAt`.
     * @param options the variant, by default `main`, and the lifetime, by default 600 and at most 604800 seconds
     * @throws PixdockApiError not_signable for a public or unpublished image
     */
    async sign(id: string, { variant, expiresInSeconds, signal }: SignOptions = {}): Promise<SignedUrl> {
      const path = `${IMAGES}/${encodeURIComponent(id)}/sign`;
      const body = jsonBody({ variant, expiresInSeconds });
      return transport.read({ method: 'POST', path, body, harmless: true, signal });
    },

    /**
     * Keeps an image that was submitted with `deleteAfterSeconds`.
     * @throws PixdockApiError already_deleted once its deletion has begun
     */
    async keep(id: string, { signal }: CallOptions = {}): Promise<Image> {
      const path = `${IMAGES}/${encodeURIComponent(id)}/keep`;
      return transport.read({ method: 'POST', path, harmless: true, signal });
    },

    /** Like `keep`, for any number of images. The result says for each one whether it is kept, or why not. */
    async keepAll(ids: Iterable<string>, { signal }: CallOptions = {}): Promise<KeptImage[]> {
      const all = [...new Set(ids)];
      const kept: KeptImage[] = [];
      for (let at = 0; at < all.length; at += KEEP_SIZE) {
        const body = jsonBody({ ids: all.slice(at, at + KEEP_SIZE) });
        const call = { method: 'POST', path: `${IMAGES}/keep`, body, harmless: true, signal } as const;
        kept.push(...(await transport.read<{ items: KeptImage[] }>(call)).items);
      }
      return kept;
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
      const all = [...new Set(sha256s)];
      const found: Image[] = [];
      for (let at = 0; at < all.length; at += LOOKUP_SIZE) {
        const body = jsonBody({ sha256: all.slice(at, at + LOOKUP_SIZE) });
        const call = { method: 'POST', path: `${IMAGES}/lookup`, body, harmless: true, signal } as const;
        found.push(...(await transport.read<{ items: Image[] }>(call)).items);
      }
      return found;
    },
  };
}

/** A repeat of the same decision is accepted. */
function decide(
  transport: Transport,
  id: string,
  decision: 'approve' | 'reject',
  signal: AbortSignal | undefined,
): Promise<Image> {
  const path = `${IMAGES}/${encodeURIComponent(id)}/${decision}`;
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

function fieldsOf(options: SubmitOptions): Record<string, string> {
  const { profile, externalId, metadata, sha256, deleteAfterSeconds, replace, webhookUrl } = options;
  const fields = {
    profile,
    externalId,
    sha256,
    deleteAfterSeconds: deleteAfterSeconds?.toString(),
    replace: replace?.toString(),
    webhookUrl,
    metadata: metadata && JSON.stringify(metadata),
  };
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );
}
