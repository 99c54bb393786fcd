import type { ObjectStore } from '@pixdock/object-store/types';
import type { JobQueue } from '@pixdock/shared/queue/queue';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { Batches } from '@pixdock/shared/state/batches/batches';
import type { CachePurges } from '@pixdock/shared/state/cache-purges';
import type { FailureRetries } from '@pixdock/shared/state/failures/failure-retries';
import type { Failures } from '@pixdock/shared/state/failures/failures';
import type { Idempotency } from '@pixdock/shared/state/idempotency/idempotency';
import type { Images } from '@pixdock/shared/state/images/images';
import type { Leases } from '@pixdock/shared/state/service/leases';
import type { Staging } from '@pixdock/shared/state/staging';
import type { Deliveries } from '@pixdock/shared/state/webhooks/deliveries';
import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';
import type { Outbox } from '@pixdock/shared/state/webhooks/outbox';
import type { Recoveries } from '@pixdock/shared/state/webhooks/recoveries';
import type { CircuitBreaker } from './admission/circuit-breaker.js';
import type { DiskQuota } from './admission/disk-quota.js';
import type { HostSlots } from './admission/host-slots.js';
import type { PutBudget } from './admission/put-budget.js';
import type { Quarantine } from './admission/quarantine.js';
import type { LossWatch } from './attempt/loss-watch.js';
import type { CdnRefresher } from './cdn/refresh-caches.js';
import type { WorkerConfig } from './config.js';
import type { WorkerEvents } from './events.js';
import type { WebhookSender } from './fetch/post.js';
import type { SourceClient } from './fetch/types.js';
import type { ImageEngine } from './image/types.js';
import type { StagingWalks } from './retention/staging-walks.js';
import type { HttpReviewer } from './review/http-reviewer.js';

/** The parts that handlers are made of; `start` opens the real ones. */
interface WorkerDeps {
  log: Logger;
  events: WorkerEvents;
  staging: Staging;
  images: Images;
  batches: Batches;
  queue: JobQueue;
  idempotency: Idempotency;
  failures: Failures;
  failureRetries: FailureRetries;
  store: ObjectStore;
  /** Null without a CDN; so is `cdn`. */
  purges: CachePurges | null;
  cdn: CdnRefresher | null;
  engine: ImageEngine;
  breaker: CircuitBreaker;
  /** The circuit breaker of the private bucket. */
  privateBreaker: CircuitBreaker;
  sources: SourceClient;
  diskQuota: DiskQuota;
  /** By host and port. */
  hostSlots: HostSlots;
  quarantine: Quarantine;
  putBudget: PutBudget;
  lossWatch: LossWatch;
  /** Null without REVIEW_HTTP_URL. */
  reviewer: HttpReviewer | null;
  /** Images that are held, while BullMQ has not yet removed the job that held them. */
  heldJobs: Set<string>;
  stagingWalks: StagingWalks;
  outbox: Outbox;
  endpoints: Endpoints;
  deliveries: Deliveries;
  recoveries: Recoveries;
  sender: WebhookSender;
}

/** The parts and settings that a function names. */
export type Needs<Part extends keyof WorkerDeps, Setting extends keyof WorkerConfig = never> = Pick<
  WorkerDeps,
  Part
> & { config: Pick<WorkerConfig, Setting> };

/** Settings that name the objects of an image. */
export interface KeyConfig extends Pick<WorkerConfig, 'profiles'> {
  store: Pick<WorkerConfig['store'], 'prefix' | 'prefixes'>;
}

/** The parts with which an attempt can end in every way. */
export type AttemptDeps = Needs<
  'images' | 'staging' | 'store' | 'events',
  'retentionMs' | 'storageGiveUpMs'
> & { config: KeyConfig };

/** Parts without settings. */
export type Parts<Part extends keyof WorkerDeps> = Pick<WorkerDeps, Part>;

/** What `start` opens. Host slots belong to single handlers. */
export type AllParts = Omit<WorkerDeps, 'hostSlots'> & { leases: Leases; config: WorkerConfig };
