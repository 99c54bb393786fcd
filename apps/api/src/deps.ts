import type { ObjectStore } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import type { Logger } from '@pixdock/shared/log';
import type { JobQueue } from '@pixdock/shared/queue';
import type { BatchState } from '@pixdock/shared/records/batch-state';
import type { Batches } from '@pixdock/shared/records/batches';
import type { Idempotency } from '@pixdock/shared/records/idempotency';
import type { Records } from '@pixdock/shared/records/records';
import type { StorageHealth } from '@pixdock/shared/records/storage-health';
import type { Budget } from '@pixdock/shared/staging/budget';
import type { Staging } from '@pixdock/shared/staging/staging';
import type { Backlog } from './backlog.js';
import type { ApiConfig } from './config.js';
import type { Pace } from './intake/paced.js';
import type { Permits } from './limits/permits.js';
import type { ReadLimits } from './limits/read-limits.js';
import type { Shares } from './limits/shares.js';
import type { WaitHub } from './waits/wait-hub.js';

/** Everything the app is made of; `start` opens the real parts, tests may pass others. */
export interface ApiDeps {
  config: ApiConfig;
  log: Logger;
  staging: Staging;
  records: Records;
  batches: Batches;
  queue: JobQueue;
  backlog: Backlog;
  idempotency: Idempotency;
  storageHealth: StorageHealth;
  store: ObjectStore;
  readLimits: ReadLimits;
  /** For the durable writes of a request. */
  writeLimits: Permits;
  waits: { images: WaitHub<ImageRecord>; batches: WaitHub<BatchState> };
  budget: Budget;
  shares: Shares;
  /** How fast a request body must arrive. */
  pace: Pace;
  /** Aborts when the server is asked to stop. */
  stopping: AbortSignal;
}
