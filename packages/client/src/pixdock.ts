import type { ListedProfile } from '@pixdock/contract/profile';
import type { UploadToken } from '@pixdock/contract/upload-token';
import { createBatches } from './batches.js';
import type { CallOptions } from './call-options.js';
import { followOwner, type OwnerEvent } from './events.js';
import { createFailures } from './failures.js';
import { type ClientOptions, createTransport } from './http/transport.js';
import { createImages } from './images.js';
import { createUploadToken, type UploadTokenOptions } from './upload-tokens.js';
import { createWebhooks } from './webhooks.js';

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
      return (await transport.json<{ items: ListedProfile[] }>(call)).body.items;
    };
    this.webhooks = createWebhooks(transport);
    this.events = ({ signal } = {}) => followOwner(transport, signal);
    this.createUploadToken = (bounds = {}) => createUploadToken(transport, bounds);
  }
}
