import type { ObjectStore } from '@pixdock/object-store/types';
import type { JobQueue } from '@pixdock/shared/queue/queue';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { Batches } from '@pixdock/shared/state/records/batches';
import type { Idempotency } from '@pixdock/shared/state/records/idempotency';
import type { Records } from '@pixdock/shared/state/records/records';
import type { Staging } from '@pixdock/shared/state/staging';
import type { StorageGate } from './admission/circuit-breaker.js';
import type { Room } from './admission/disk-quota.js';
import type { WorkerConfig } from './config.js';
import type { SourceClient } from './fetch/types.js';
import type { ImageEngine } from './image/types.js';

/** Everything the jobs are made of; `start` opens the real parts. */
export interface WorkerDeps {
  config: WorkerConfig;
  log: Logger;
  staging: Staging;
  records: Records;
  batches: Batches;
  queue: JobQueue;
  idempotency: Idempotency;
  store: ObjectStore;
  engine: ImageEngine;
  gate: StorageGate;
  sources: SourceClient;
  /** What fetching, and rendering while OSS takes nothing, may take of staging. */
  room: Room;
}
