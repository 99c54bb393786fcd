import type { ObjectStore } from '@pixdock/object-store/types';
import type { Logger } from '@pixdock/shared/log';
import type { JobQueue } from '@pixdock/shared/queue';
import type { Batches } from '@pixdock/shared/records/batches';
import type { Idempotency } from '@pixdock/shared/records/idempotency';
import type { Records } from '@pixdock/shared/records/records';
import type { Staging } from '@pixdock/shared/staging/staging';
import type { WorkerConfig } from './config.js';
import type { ImageEngine } from './image/types.js';
import type { StorageGate } from './publish/gate.js';
import type { Room } from './room.js';
import type { SourceClient } from './source/types.js';

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
