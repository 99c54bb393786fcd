import { FAILURE_RETRY_ID } from '@pixdock/contract/failure';
import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import { ENDPOINT_ID, RECOVERY_ID } from '@pixdock/contract/webhook';
import { z } from 'zod';

const idSchema = z.string().regex(IMAGE_ID);
/** The trace of a job (runtime/trace.ts). */
const traced = { trace: z.string().optional(), link: z.string().optional() };
const runSchema = z.object({
  imageId: idSchema,
  run: z.int().positive(),
  owner: z.string(),
  ...traced,
});

/**
 * All jobs, with their queue, payload, and number of attempts after unexpected failures. Queues outlive deployments: add only
 * optional fields to a payload; any other change needs a new job name.
 */
export const JOBS = {
  /**
   * Fetches the source of one run of an image into staging. The items of batches have a separate queue, so that they do not
   * delay single images.
   */
  'fetch-image': { queue: 'sources', payload: runSchema, attempts: 5 },
  'fetch-item': { queue: 'item-sources', payload: runSchema, attempts: 5 },
  /** Processes one run of an image, from its source to published or failed. */
  'process-image': { queue: 'images', payload: runSchema, attempts: 5 },
  'process-item': { queue: 'items', payload: runSchema, attempts: 5 },
  /** Advances a batch until all its items are final, and retries, cancels or deletes them on request. */
  'expand-batch': {
    queue: 'upkeep',
    payload: z.object({ batchId: z.string().regex(BATCH_ID), owner: z.string(), link: traced.link }),
    attempts: 100,
  },
  /**
   * Removes an image's objects and its files in staging. Has a separate queue, since repeated passes over batches would occupy
   * all slots.
   */
  'delete-image': {
    queue: 'deletions',
    payload: z.object({ imageId: idSchema, owner: z.string(), ...traced }),
    attempts: 100,
  },
  /** Sends the due deliveries of one webhook endpoint. One job per endpoint, so that an endpoint has one place. */
  'deliver-webhooks': {
    queue: 'webhooks',
    payload: z.object({ endpointId: z.string().regex(ENDPOINT_ID), owner: z.string() }),
    attempts: 100,
  },
  /** Sends the failed deliveries of an owner again. */
  'recover-webhooks': {
    queue: 'upkeep',
    payload: z.object({ recoveryId: z.string().regex(RECOVERY_ID), owner: z.string() }),
    attempts: 100,
  },
  /** Gives failed images of an owner their next run. */
  'retry-failures': {
    queue: 'upkeep',
    payload: z.object({ retryId: z.string().regex(FAILURE_RETRY_ID), owner: z.string(), link: traced.link }),
    attempts: 100,
  },
  /** Forgets images and batches whose retention has ended, and removes abandoned uploads. */
  sweep: { queue: 'upkeep', payload: z.object({}), attempts: 1 },
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.output<(typeof JOBS)[N]['payload']>;
export type QueueName = (typeof JOBS)[JobName]['queue'];
export const QUEUE_NAMES: readonly QueueName[] = [
  'images',
  'items',
  'sources',
  'item-sources',
  'deletions',
  'webhooks',
  'upkeep',
];

/** The queues that a pause stops. Deletions, cancellations and webhooks continue. */
export const PROCESSING_QUEUES: readonly QueueName[] = ['images', 'items', 'sources', 'item-sources'];

/** The result of a handler: done, or again later (a fault of the service, or a wait for another job). */
export type JobResult = { outcome: 'done' } | { outcome: 'again'; afterMs: number };

export interface JobContext {
  /** Aborts when the worker must return the job. */
  signal: AbortSignal;
  /** This is the last attempt of the job. */
  lastTry: boolean;
  /** How often workers have taken the job, with this time. */
  timesTaken: number;
  /** From here on the job only waits for the network: it gives back the place or the slot in which others can work. */
  freeSlot: () => void;
}

export type JobHandlers = {
  [N in JobName]: (payload: JobPayload<N>, context: JobContext) => Promise<JobResult>;
};

/** Functions that a worker calls after a job is done and its queue has removed it. A worker that dies at this moment calls none. */
export type JobFollowUps = { [N in JobName]?: (payload: JobPayload<N>) => Promise<void> };

/** The prefix of BullMQ's keys, which keeps them apart from ours. */
export const queuePrefix = (prefix: string) => `${prefix}:queue`;

/** Exists after a worker has begun to check all queues for stalled jobs, until the next check is due. */
export const stalledCheckKey = (prefix: string) => `${queuePrefix(prefix)}:stalled-check`;

/** Job ids are derived, so that a repeated request adds one job. */
export const processJobId = (imageId: string, run: number) => `${imageId}-${run}`;
export const fetchJobId = (imageId: string, run: number) => `${imageId}-${run}-fetch`;
export const expandJobId = (batchId: string) => `${batchId}-expand`;
export const recoverJobId = (recoveryId: string) => `${recoveryId}-recover`;
export const retryFailuresJobId = (retryId: string) => `${retryId}-retry`;
export const deliverJobId = (endpointId: string) => `${endpointId}-deliver`;
export const deleteJobId = (imageId: string) => `${imageId}-delete`;
