import type { JobQueue } from '../../queue/queue.js';
import type { Logger } from '../../runtime/log.js';
import type { Batches } from '../batches/batches.js';
import type { Idempotency } from '../idempotency/idempotency.js';
import type { Images } from '../images/images.js';
import type { Staging } from '../staging.js';

export interface RestoreParts {
  staging: Staging;
  images: Images;
  batches: Batches;
  queue: JobQueue;
  idempotency: Idempotency;
  log: Logger;
}

export interface RestoreCounts {
  records: number;
  /** Images that wait for a job; a job that exists stays. */
  waiting: number;
  /** Batches with work left. */
  batches: number;
}

export const noCounts = (): RestoreCounts => ({ records: 0, waiting: 0, batches: 0 });
