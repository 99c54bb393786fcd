import { createBatches } from './batches.js';
import { type ClientOptions, createTransport } from './http/transport.js';
import { createImages } from './images.js';

/**
 * A client of one Pixdock server. What is safe to repeat is repeated after faults of the network and answers that ask for
 * patience: reads, deletions, and submissions whose body can be sent again.
 * @throws TypeError if `baseUrl` is no URL or `apiKey` cannot stand in a header
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
