import { z } from 'zod';
import { IMAGE_ID } from './contract/image.js';

const idSchema = z.string().regex(IMAGE_ID);

/**
 * Every job there is: the queue it waits in, its payload, how often an unexpected failure is tried again.
 * Queues outlive deployments: a payload only gains optional fields; anything else is a new job name.
 */
export const JOBS = {
  /** One run of an image, from its source to published or failed. */
  'process-image': {
    queue: 'images',
    payload: z.object({ imageId: idSchema, run: z.int().positive() }),
    attempts: 5,
  },
  /** Removes an image's objects and what staging holds of it. */
  'delete-image': {
    queue: 'upkeep',
    payload: z.object({ imageId: idSchema, owner: z.string() }),
    attempts: 100,
  },
  /** Forgets what retention has ended and removes what uploads left half-done. */
  sweep: { queue: 'upkeep', payload: z.object({}), attempts: 1 },
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.output<(typeof JOBS)[N]['payload']>;
export type QueueName = (typeof JOBS)[JobName]['queue'];
export const QUEUE_NAMES: readonly QueueName[] = ['images', 'upkeep'];

/** What a handler asks for: done, or again later (a fault of the service, or waiting for another job). */
export type JobResult = { outcome: 'done' } | { outcome: 'again'; afterMs: number };

export interface JobContext {
  /** Aborts when the worker must let go of the job. */
  signal: AbortSignal;
  /** The job is not tried again after this. */
  lastTry: boolean;
}

export type JobHandlers = {
  [N in JobName]: (payload: JobPayload<N>, context: JobContext) => Promise<JobResult>;
};

/** Job ids are derived, never random, so that a repeated request is one job. */
export const processJobId = (imageId: string, run: number) => `${imageId}-${run}`;
export const deleteJobId = (imageId: string) => `${imageId}-delete`;
