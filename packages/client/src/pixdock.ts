import { createBatches } from './batches.js';
import { type ClientOptions, createTransport } from './http/transport.js';
import { createImages } from './images.js';

/**
 * A client of one Pixdock server. After network errors and responses with Retry-After, it retries calls that are safe to
 * repeat: reads, deletions, and submissions with a repeatable body.
 * @throws TypeError if `baseUrl` is not a URL or `apiKey` is not a valid header value
 */
export class Pixdock {
  /** Single images. */
  readonly images: ReturnType<typeof createImages>;
  /** Many images at once. */
  readonly batches: ReturnType<typeof createBatches>;

  constructor(options: ClientOptions) {
    const transport = createTransport(options);
    this.images = createImages(transport);
    this.batches = createBatches(transport);
  }
}
