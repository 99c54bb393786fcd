import type { Image } from '@pixdock/contract/image';
import type { RequestedDeletion } from '@pixdock/contract/image-deletion';
import { type CallOptions, checkOptions } from './call-options.js';
import { type ByteSource, bodyOf, jsonBody, withProgress } from './http/body.js';
import { followSnapshots } from './http/follow.js';
import { formBody } from './http/form.js';
import { pages } from './http/pages.js';
import type { Transport } from './http/transport.js';
import { type WaitOptions, waitUntilFinal, watch } from './http/watch.js';
import type {
  ImageFilter,
  ImportOptions,
  SubmitOptions,
  SubmittedImage,
  UploadOptions,
} from './image-options.js';

const LOOKUP_SIZE = 1000;

const SUBMIT_OPTIONS = [
  'profile',
  'externalId',
  'metadata',
  'sha256',
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
      const { profile, externalId, metadata, sha256, webhookUrl } = options;
      const body = jsonBody({ url, profile, externalId, metadata, sha256, webhookUrl, headers });
      return submit(transport, { body, wait, idempotencyKey, signal });
    },

    /** The current state of an image. Throws `not_found` also for images of other owners. */
    async get(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return (await transport.json<Image>({ method: 'GET', path: pathOf(id), signal })).body;
    },

    /** Images of this key, newest first. Pages are read on demand. */
    list({ signal, ...filter }: ImageFilter = {}): AsyncGenerator<Image, void, undefined> {
      return pages<Image>(transport, '/v1/images', filter, signal);
    },

    /** Resolves with the final image, whatever its status. Throws a `TimeoutError` after `timeoutMs`, if set. */
    waitFor(id: string, options: WaitOptions = {}): Promise<Image> {
      return waitUntilFinal<Image>(transport, pathOf(id), isFinalImage, options);
    },

    /** Yields snapshots with increasing versions, up to the final one. */
    watch(id: string, { signal }: CallOptions = {}): AsyncGenerator<Image, void, undefined> {
      return watch<Image>(transport, pathOf(id), isFinalImage, signal);
    },

    /** As `watch`, but the server sends each snapshot at once, in one long response. */
    events(id: string, { signal }: CallOptions = {}): AsyncGenerator<Image, void, undefined> {
      return followSnapshots<Image>(transport, `${pathOf(id)}/events`, isFinalImage, signal);
    },

    /** Retries a failed image. */
    async retry(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return (await transport.json<Image>({ method: 'POST', path: `${pathOf(id)}/retry`, signal })).body;
    },

    /** Requests the deletion of an image; `waitFor` resolves once its objects are deleted. */
    async delete(id: string, { signal }: CallOptions = {}): Promise<Image> {
      return (await transport.json<Image>({ method: 'DELETE', path: pathOf(id), signal })).body;
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
        const response = await transport.json<{ items: RequestedDeletion[]; next?: string }>({
          method: 'POST',
          path: '/v1/images/delete',
          body: jsonBody({ externalId, cursor }),
          harmless: true,
          signal,
        });
        yield* response.body.items;
        cursor = response.body.next;
      } while (cursor !== undefined);
    },

    /** Finds published images of this key by the hex SHA-256 of their sources. */
    async lookup(sha256s: Iterable<string>, { signal }: CallOptions = {}): Promise<Image[]> {
      const all = [...new Set(sha256s)];
      const found: Image[] = [];
      for (let at = 0; at < all.length; at += LOOKUP_SIZE) {
        const body = jsonBody({ sha256: all.slice(at, at + LOOKUP_SIZE) });
        const path = '/v1/images/lookup';
        const response = await transport.json<{ items: Image[] }>({
          method: 'POST',
          path,
          body,
          harmless: true,
          signal,
        });
        found.push(...response.body.items);
      }
      return found;
    },
  };
}

/** Whether the status is final and no deletion is in progress. */
function isFinalImage({ status, deleteRequestedAt }: Image): boolean {
  if (status === 'deleted') return true;
  return status !== 'queued' && status !== 'processing' && deleteRequestedAt === null;
}

const pathOf = (id: string) => `/v1/images/${encodeURIComponent(id)}`;

interface Submission extends Pick<SubmitOptions, 'wait' | 'idempotencyKey' | 'signal'> {
  body: ReturnType<typeof bodyOf>;
  query?: Record<string, string>;
}

async function submit(transport: Transport, { wait, ...rest }: Submission): Promise<SubmittedImage> {
  const headers = { Prefer: wait === undefined ? undefined : `wait=${Math.ceil(wait)}` };
  return (
    await transport.json<SubmittedImage>({
      method: 'POST',
      path: '/v1/images',
      headers,
      creates: true,
      ...rest,
    })
  ).body;
}

function fieldsOf(options: SubmitOptions): Record<string, string> {
  const { profile, externalId, metadata, sha256, webhookUrl } = options;
  const fields = { profile, externalId, sha256, webhookUrl, metadata: metadata && JSON.stringify(metadata) };
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );
}
