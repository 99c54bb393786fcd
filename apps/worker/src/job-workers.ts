import { MAX_WEBHOOK_ENDPOINTS } from '@pixdock/contract/webhook';
import { type JobHandlers, QUEUE_NAMES, type QueueName } from '@pixdock/shared/queue/jobs';
import { openHostSlots } from './admission/host-slots.js';
import {
  concurrencyFor,
  takeTurnsUntilFreed,
  takeTurnsWithFewJobs,
  takeTurnsWithManyJobs,
} from './admission/take-turns.js';
import { requeueIfDecided } from './attempt/review.js';
import type { AllParts } from './deps.js';
import { deleteImage } from './jobs/delete-image.js';
import { deliverIfDue, deliverWebhooks } from './jobs/deliver-webhooks.js';
import { expandBatch, expandIfChanged } from './jobs/expand-batch.js';
import { fetchImage } from './jobs/fetch-image.js';
import { processImage } from './jobs/process-image.js';
import { recoverWebhooks } from './jobs/recover-webhooks.js';
import { retryFailures } from './jobs/retry-failures.js';
import { sweep } from './jobs/sweep.js';
import { type QueueWorker, startQueueWorker, type WorkerSettings } from './queue-worker.js';
import { requeueStalledJobs } from './stalled-jobs.js';

/**
 * Images of one owner per lane: while some are decoded, others are read. An image frees its slot while it is put
 * (put-budget.ts).
 */
const IMAGES_PER_LANE = 4;
const DELETIONS = 8;
/**
 * Passes over batches, failures and deliveries of one owner at a time. Each has up to 64 commands to Redis in progress, and two
 * keep a worker's own process busy: with more, each step of another owner's image waits for all of them.
 */
const PASSES = 2;
/** Webhook endpoints served at a time; most of the time they wait for a response. */
const ENDPOINTS = 256;
/** Of these, endpoints of one owner: all that it may have, and some deleted ones whose last requests have no response yet. */
const ENDPOINTS_PER_OWNER = MAX_WEBHOOK_ENDPOINTS + 6;
/** Jobs of endpoints that a worker has at a time: those with a place, and those that wait for one. */
const ENDPOINTS_TAKEN = 1024;
/** Fetches of one owner; they wait for other hosts most of the time. */
const FETCHES = 64;
/** Fetches of all owners that are not waiting for a host: they keep a worker's own process busy, as passes do. */
const FETCHES_AT_WORK = 8;
/**
 * Fetches from one host at a time in all workers, counted apart for single images and items: as many as a host tolerates from one
 * client.
 */
const FETCHES_PER_HOST = 8;

/** Starts to take jobs from every queue, and gives each to its handler; and to return the jobs of dead workers to their queues. */
export function startJobWorkers(
  deps: AllParts,
  settings: Omit<WorkerSettings, 'concurrency' | 'followUps'>,
): QueueWorker {
  const { lanes } = deps.config;
  const { clocks = {} } = settings;
  const images = lanes * IMAGES_PER_LANE;
  const process = processImage(deps);
  const fetchFor = (kind: 'fetches' | 'item-fetches') =>
    fetchImage({ ...deps, hostSlots: openHostSlots(deps.leases, kind, FETCHES_PER_HOST) });
  const endpoints = takeTurnsWithFewJobs(ENDPOINTS, ENDPOINTS_PER_OWNER);
  const atWork = takeTurnsUntilFreed(FETCHES_AT_WORK);
  const passes = takeTurnsWithManyJobs(PASSES);
  const handlers: JobHandlers = {
    'fetch-image': takeTurnsWithManyJobs(FETCHES)(atWork(fetchFor('fetches'))),
    'fetch-item': takeTurnsWithManyJobs(FETCHES)(atWork(fetchFor('item-fetches'))),
    'process-image': takeTurnsWithManyJobs(images)(process),
    'process-item': takeTurnsWithManyJobs(images)(process),
    'expand-batch': passes(expandBatch(deps)),
    'delete-image': deleteImage(deps, clocks.put),
    'deliver-webhooks': endpoints(deliverWebhooks(deps, clocks.webhook)),
    'recover-webhooks': passes(recoverWebhooks(deps)),
    'retry-failures': passes(retryFailures(deps)),
    sweep: sweep(deps, clocks.heal),
  };
  const requeue = requeueIfDecided(deps);
  const followUps = {
    'process-image': requeue,
    'process-item': requeue,
    'expand-batch': expandIfChanged(deps),
    'deliver-webhooks': deliverIfDue(deps),
  };
  const start = (name: QueueName, concurrency: number) =>
    startQueueWorker(name, handlers, { ...settings, followUps, concurrency });
  const workers: Record<QueueName, QueueWorker> = {
    images: start('images', concurrencyFor(images)),
    items: start('items', concurrencyFor(images)),
    sources: start('sources', concurrencyFor(FETCHES)),
    'item-sources': start('item-sources', concurrencyFor(FETCHES)),
    deletions: start('deletions', DELETIONS),
    webhooks: start('webhooks', ENDPOINTS_TAKEN),
    upkeep: start('upkeep', concurrencyFor(PASSES)),
  };
  const endChecks = requeueStalledJobs(QUEUE_NAMES, settings);
  return {
    async stop(drainMs) {
      await Promise.all(Object.values(workers).map((worker) => worker.stop(drainMs)));
      endChecks();
    },
  };
}
