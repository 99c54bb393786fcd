import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import type { ListedProfile } from '@pixdock/contract/profile';
import type { UploadToken, UploadTokenRequest } from '@pixdock/contract/upload-token';
import { createBatches } from './batches.js';
import type { CallOptions } from './call-options.js';
import { createFailures } from './failures.js';
import { jsonBody } from './http/body.js';
import { readEvents } from './http/event-stream.js';
import { type ClientOptions, createTransport, type Transport } from './http/transport.js';
import { createImages } from './images.js';
import { createWebhooks } from './webhooks.js';

/** A change of an image or a batch, with its snapshot. After `gap`, changes may be missing: read the lists. */
export type OwnerEvent =
  | { type: 'image'; data: Image }
  | { type: 'batch'; data: Batch }
  | { type: 'gap'; data: Record<string, never> };

/** The bounds of an upload token. */
export interface UploadTokenOptions extends Readonly<UploadTokenRequest>, CallOptions {}

/**
 * A client of one Pixdock server. After network errors and responses with Retry-After, it retries calls that are safe to
 * repeat: reads, deletions, and submissions with a repeatable body.
 * @throws TypeError if `baseUrl` is not an http(s) URL, `apiKey` has characters that a key cannot have, or an option is unknown
 */
export class Pixdock {
  /** Single images. */
  readonly images: ReturnType<typeof createImages>;
  /** Many images at once. */
  readonly batches: ReturnType<typeof createBatches>;
  /** Failed images across batches. */
  readonly failures: ReturnType<typeof createFailures>;
  /** The profiles that a submission can name. */
  readonly listProfiles: (options?: CallOptions) => Promise<ListedProfile[]>;
  /** Webhook endpoints, and the deliveries of events to them. */
  readonly webhooks: ReturnType<typeof createWebhooks>;
  /**
   * Creates a short-lived token for a browser, which uses it as its `apiKey`: it uploads files and reads these images, and
   * nothing else.
   */
  readonly createUploadToken: (options?: UploadTokenOptions) => Promise<UploadToken>;

  /**
   * Yields each change of the key's images and batches from now on, until `signal` aborts. It resumes after a lost connection;
   * an event `gap` says that changes may be missing.
   */
  readonly events: (options?: CallOptions) => AsyncGenerator<OwnerEvent, void, undefined>;

  constructor(options: ClientOptions) {
    const transport = createTransport(options);
    this.images = createImages(transport);
    this.batches = createBatches(transport);
    this.failures = createFailures(transport);
    this.listProfiles = async ({ signal } = {}) => {
      const call = { method: 'GET', path: '/v1/profiles', signal } as const;
      return (await transport.read<{ items: ListedProfile[] }>(call)).items;
    };
    this.webhooks = createWebhooks(transport);
    this.events = ({ signal } = {}) => followOwner(transport, signal);
    // A repeat creates another token, which changes nothing.
    this.createUploadToken = async ({ signal, ...bounds } = {}) =>
      transport.read({
        method: 'POST',
        path: '/v1/upload-tokens',
        body: jsonBody(bounds),
        harmless: true,
        signal,
      });
  }
}

/** Yields the events of the owner of the key. */
async function* followOwner(
  transport: Transport,
  signal: AbortSignal | undefined,
): AsyncGenerator<OwnerEvent, void, undefined> {
  // A later server may have more types.
  for await (const { event: type, data } of readEvents(transport, '/v1/events', signal))
    if (type === 'image' || type === 'batch' || type === 'gap') yield { type, data: JSON.parse(data) };
}
