import type { Detail } from '@pixdock/contract/messages/detail';
import type { ObjectStore } from '@pixdock/object-store/types';
import type { JobQueue } from '@pixdock/shared/queue/queue';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { Metrics } from '@pixdock/shared/runtime/metrics';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { Batches } from '@pixdock/shared/state/batches/batches';
import type { FailureRetries } from '@pixdock/shared/state/failures/failure-retries';
import type { Failures } from '@pixdock/shared/state/failures/failures';
import type { Idempotency } from '@pixdock/shared/state/idempotency/idempotency';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Images } from '@pixdock/shared/state/images/images';
import type { KeyUses } from '@pixdock/shared/state/keys/key-uses';
import type { OutcomeCounts } from '@pixdock/shared/state/service/outcome-counts';
import type { ProcessingState } from '@pixdock/shared/state/service/service-state';
import type { StorageHealth } from '@pixdock/shared/state/service/storage-health';
import type { Staging } from '@pixdock/shared/state/staging';
import type { UploadLocks } from '@pixdock/shared/state/uploads/upload-locks';
import type { Deliveries } from '@pixdock/shared/state/webhooks/deliveries';
import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';
import type { Recoveries } from '@pixdock/shared/state/webhooks/recoveries';
import type { Backlog } from './backlog.js';
import type { ApiConfig } from './config.js';
import type { ApiEvents } from './events.js';
import type { MinimumRate } from './http/env.js';
import type { Keyring } from './keys/keyring.js';
import type { SignInLinks } from './keys/sign-in-links.js';
import type { TokenUses } from './keys/token-uses.js';
import type { DiskQuota } from './limits/disk-quota.js';
import type { Permits } from './limits/permits.js';
import type { ReadLimits } from './limits/read-limits.js';
import type { Shares } from './limits/shares.js';
import type { EventStreams } from './streams/event-stream.js';
import type { OwnerFeeds } from './streams/owner-feed.js';
import type { SharedReads } from './waits/shared-reads.js';
import type { WaitHub } from './waits/wait-hub.js';

/** The parts of the app. `start` opens the real ones; tests may pass others. */
export interface ApiDeps {
  config: ApiConfig;
  keyring: Keyring;
  keyUses: KeyUses;
  signInLinks: SignInLinks;
  tokenUses: TokenUses;
  log: Logger;
  events: ApiEvents;
  metrics: Metrics;
  staging: Staging;
  uploadLocks: UploadLocks;
  images: Images;
  batches: Batches;
  queue: JobQueue;
  backlog: Backlog;
  idempotency: Idempotency;
  failures: Failures;
  failureRetries: FailureRetries;
  outcomes: OutcomeCounts;
  endpoints: Endpoints;
  deliveries: Deliveries;
  recoveries: Recoveries;
  storageHealth: StorageHealth;
  /** Why Redis accepts no writes although it responds; null if it accepts them. */
  findFullRedis: () => Promise<Detail | null>;
  readProcessing: () => Promise<ProcessingState>;
  store: ObjectStore;
  readLimits: ReadLimits;
  /** Whether Redis has everything that it had at the last restore. */
  isRestored: () => Promise<boolean>;
  /** Limits the durable writes of requests. */
  writeLimits: Permits;
  waits: { images: WaitHub<ImageRecord>; batches: WaitHub<BatchState> };
  streams: {
    events: EventStreams;
    images: SharedReads<ImageRecord>;
    batches: SharedReads<BatchState>;
    owners: OwnerFeeds;
  };
  diskQuota: DiskQuota;
  shares: Shares;
  /** The minimum rate of request bodies. */
  minimumRate: MinimumRate;
  /** Aborts when the server is asked to stop. */
  stopping: AbortSignal;
}

/** The parts that a function names. */
export type Parts<Part extends keyof ApiDeps> = Pick<ApiDeps, Part>;
