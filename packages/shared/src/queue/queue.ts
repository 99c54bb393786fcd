import { nowMs } from '../runtime/clock.js';
import type { RedisConnection } from '../runtime/redis.js';
import { carryLink, carryTrace } from '../runtime/trace.js';
import { bullmqKeys } from './bullmq-keys.js';
import { type JobFlow, openJobOrder } from './job-order.js';
import {
  deleteJobId,
  deliverJobId,
  expandJobId,
  fetchJobId,
  JOBS,
  type JobName,
  type JobPayload,
  PROCESSING_QUEUES,
  processJobId,
  QUEUE_NAMES,
  recoverJobId,
  retryFailuresJobId,
  stalledCheckKey,
} from './jobs.js';
import { closeQueues, isJobGone, openQueues } from './open-queues.js';

/** One run of an image. */
export interface ImageRun {
  id: string;
  run: number;
  /** Whether the image belongs to a batch: batches have separate queues. */
  isItem: boolean;
}

/** A run that needs its next job. */
export interface QueuedRun extends ImageRun, JobFlow {
  needsSource: boolean;
}

/** What a job works on, such as a batch, and its owner. */
export interface Subject {
  id: string;
  owner: string;
}

/** The flows of an owner's deletions, and of its passes over batches, failures and deliveries. */
const DELETIONS = 'deletions';
const PASSES = 'passes';

/** Opens the queues to add jobs. Records and staging are the source of truth: they can restore every job. */
export function openQueue(connection: RedisConnection, prefix: string) {
  const queues = openQueues(connection, prefix);
  const order = openJobOrder(connection, prefix);

  function addInTurn<N extends JobName>(
    name: N,
    id: string,
    payload: JobPayload<N>,
    flow: JobFlow,
  ): Promise<void> {
    const [data, opts] = [JSON.stringify(payload), JSON.stringify(optionsOf(name, id))];
    return order.add(JOBS[name].queue, { id, name, data, opts, timestamp: nowMs() }, flow);
  }

  async function add<N extends JobName>(name: N, jobId: string, payload: JobPayload<N>): Promise<void> {
    await queues[JOBS[name].queue].add(name, payload, { ...optionsOf(name, jobId), timestamp: nowMs() });
  }

  /** Ends the delay of a job. */
  async function endDelay(name: JobName, jobId: string): Promise<void> {
    const job = await queues[JOBS[name].queue].getJob(jobId);
    if (job === undefined || !(await job.isDelayed())) return;
    await job.promote().catch((error: unknown) => {
      // Its next pass has begun in the meantime, and may even have ended.
      if (!isJobGone(error)) throw error;
    });
  }

  async function scheduleSweep(everyMs: number): Promise<void> {
    const template = { name: 'sweep', opts: { removeOnComplete: true, removeOnFail: true } };
    await queues.upkeep.upsertJobScheduler('sweep', { every: everyMs }, template);
  }

  return {
    /**
     * Adds the next job of the image's run unless the queue has it: to fetch the source if it is missing, else to process it.
     * Owners take turns, and so do the batches of one owner.
     */
    enqueue({ id: imageId, run, owner, flow, isItem, needsSource }: QueuedRun): Promise<void> {
      const payload = { imageId, run, owner, ...carryTrace() };
      const turn = { owner, flow };
      if (needsSource)
        return addInTurn(isItem ? 'fetch-item' : 'fetch-image', fetchJobId(imageId, run), payload, turn);
      return addInTurn(isItem ? 'process-item' : 'process-image', processJobId(imageId, run), payload, turn);
    },
    /** Begins the next pass over a batch, in its owner's turn. */
    async expand({ id: batchId, owner }: Subject): Promise<void> {
      const payload = { batchId, owner, ...carryLink() };
      await addInTurn('expand-batch', expandJobId(batchId), payload, { owner, flow: PASSES });
      // A job that waits for its next pass would make a cancellation wait too.
      await endDelay('expand-batch', expandJobId(batchId));
    },
    /** Sends the due deliveries of a webhook endpoint at once. */
    async deliver(endpointId: string, owner: string): Promise<void> {
      await add('deliver-webhooks', deliverJobId(endpointId), { endpointId, owner });
      // A job that waits to repeat a failed delivery would make new events wait too.
      await endDelay('deliver-webhooks', deliverJobId(endpointId));
    },
    /** Sends failed webhook deliveries again. */
    recover({ id: recoveryId, owner }: Subject): Promise<void> {
      const flow = { owner, flow: PASSES };
      return addInTurn('recover-webhooks', recoverJobId(recoveryId), { recoveryId, owner }, flow);
    },
    /** Retries failed images. */
    retryFailures({ id: retryId, owner }: Subject): Promise<void> {
      const payload = { retryId, owner, ...carryLink() };
      return addInTurn('retry-failures', retryFailuresJobId(retryId), payload, { owner, flow: PASSES });
    },
    delete(imageId: string, owner: string): Promise<void> {
      const flow = { owner, flow: DELETIONS };
      return addInTurn('delete-image', deleteJobId(imageId), { imageId, owner, ...carryTrace() }, flow);
    },
    /** Whether a worker is processing this run, or died while it did and the queue has not noticed. */
    async isRunning({ id, run, isItem }: ImageRun): Promise<boolean> {
      const [sources, images] = isItem
        ? [queues['item-sources'], queues.items]
        : [queues.sources, queues.images];
      const states = await Promise.all([
        sources.getJobState(fetchJobId(id, run)),
        images.getJobState(processJobId(id, run)),
      ]);
      return states.includes('active');
    },
    /** The number of single images that wait for a worker; the items of batches are served after them. */
    async waiting(): Promise<number> {
      const { waiting = 0, prioritized = 0 } = await queues.images.getJobCounts('waiting', 'prioritized');
      return waiting + prioritized;
    },
    /** Ends all delays (of jobs, the sweep, the check for stalled jobs) after the wall clock was set back. */
    async endDelays(): Promise<void> {
      const { every } = (await queues.upkeep.getJobScheduler('sweep')) ?? {};
      if (every !== undefined) {
        await queues.upkeep.removeJobScheduler('sweep');
        await scheduleSweep(every);
      }
      const ofQueues = QUEUE_NAMES.map((name) => bullmqKeys(prefix, name).stalledCheck);
      await connection.del(stalledCheckKey(prefix), ...ofQueues);
      for (const name of QUEUE_NAMES) {
        // One by one, since `promoteJobs` drops priorities. It fails for a job that is no longer delayed.
        for (const job of await queues[name].getDelayed()) await job.promote().catch(() => {});
      }
    },
    /** Stops the workers from taking jobs that fetch or process images, or lets them continue. */
    async setPaused(isPaused: boolean): Promise<void> {
      for (const name of PROCESSING_QUEUES) await (isPaused ? queues[name].pause() : queues[name].resume());
    },
    /** Schedules `sweep` every `everyMs`, once for all processes. */
    scheduleSweep,
    close: () => closeQueues(queues),
  };
}

export type JobQueue = ReturnType<typeof openQueue>;

function optionsOf(name: JobName, jobId: string) {
  return {
    jobId,
    attempts: JOBS[name].attempts,
    // The worker defines it: BullMQ's growing backoffs have no upper limit.
    backoff: { type: 'custom' },
    // The record has the outcome, and a finished job would block its id.
    removeOnComplete: true,
    removeOnFail: true,
  };
}
