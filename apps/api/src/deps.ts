import type { ObjectStore } from '@pixdock/object-store/types';
import type { Logger } from '@pixdock/shared/log';
import type { JobQueue } from '@pixdock/shared/queue';
import type { Batches } from '@pixdock/shared/records/batches';
import type { Idempotency } from '@pixdock/shared/records/idempotency';
import type { Records } from '@pixdock/shared/records/records';
import type { StorageHealth } from '@pixdock/shared/records/storage-health';
import type { Budget } from '@pixdock/shared/staging/budget';
import type { Staging } from '@pixdock/shared/staging/staging';
import type { Backlog } from './backlog.js';
import type { Changes } from './changes.js';
import type { ApiConfig } from './config.js';
import type { Pace } from './intake/paced.js';
import type { Shares } from './limits/shares.js';

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
  changes: Changes;
  budget: Budget;
  shares: Shares;
  /** How fast a request body must arrive. */
  pace: Pace;
  /** Aborts when the server is asked to stop. */
  stopping: AbortSignal;
}
