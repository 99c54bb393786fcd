import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import { z } from 'zod';

const idSchema = z.string().regex(IMAGE_ID);
const runSchema = z.object({ imageId: idSchema, run: z.int().positive(), owner: z.string().optional() });

/**
 * Every job there is: the queue it waits in, its payload, how often an unexpected failure is tried again.
 * Queues outlive deployments: a payload only gains optional fields; anything else is a new job name.
 */
export const JOBS = {
  /** Brings the source of one run of an image into staging. Of a batch's items: in a queue of their own, so that they
   * take nobody else's turn. */
  'fetch-image': { queue: 'sources', payload: runSchema, attempts: 5 },
  'fetch-item': { queue: 'item-sources', payload: runSchema, attempts: 5 },
  /** One run of an image, from its source to published or failed. */
  'process-image': { queue: 'images', payload: runSchema, attempts: 5 },
  'process-item': { queue: 'items', payload: runSchema, attempts: 5 },
  /** Keeps a batch going until all its items are final; tries again, cancels or deletes when that was asked for. */
  'expand-batch': {
    queue: 'upkeep',
    payload: z.object({ batchId: z.string().regex(BATCH_ID) }),
    attempts: 100,
  },
  /**
   * Removes an image's objects and what staging holds of it. In a queue of its own: passes over batches, which come back all the
   * time, would leave it no slot.
   */
  'delete-image': {
    queue: 'deletions',
    payload: z.object({ imageId: idSchema, owner: z.string() }),
    attempts: 100,
  },
  /** Forgets what retention has ended and removes what uploads left half-done. */
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
  'upkeep',
];

/** What a handler asks for: done, or again later (a fault of the service, or waiting for another job). */
export type JobResult =
  | { outcome: 'done' }
  /** With `behind`, the next jobs of other owners go first. */
  | { outcome: 'again'; afterMs: number; behind?: true };

export interface JobContext {
  /** Aborts when the worker must let go of the job. */
  signal: AbortSignal;
  /** The job is not tried again after this. */
  lastTry: boolean;
}

export type JobHandlers = {
  [N in JobName]: (payload: JobPayload<N>, context: JobContext) => Promise<JobResult>;
};

/** Before every key of BullMQ's, so that none of its names can be one of our own. */
export const queuePrefix = (prefix: string) => `${prefix}:queue`;

/** Job ids are derived, never random, so that a repeated request is one job. */
export const processJobId = (imageId: string, run: number) => `${imageId}-${run}`;
export const fetchJobId = (imageId: string, run: number) => `${imageId}-${run}-fetch`;
export const expandJobId = (batchId: string) => `${batchId}-expand`;
export const deleteJobId = (imageId: string) => `${imageId}-delete`;
