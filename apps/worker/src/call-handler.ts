import { StorageFault } from '@pixdock/object-store/types';
import {
  JOBS,
  type JobContext,
  type JobFollowUps,
  type JobHandlers,
  type JobName,
  type JobResult,
} from '@pixdock/shared/queue/jobs';
import { inJobSpan, isTracing, linkedTo } from '@pixdock/shared/runtime/trace';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { z } from 'zod';

const AWAY_MS = 5000;

/** A job as BullMQ has it. */
interface QueuedJob {
  name: string;
  data: unknown;
  opts: { attempts?: number };
  attemptsMade: number;
  attemptsStarted: number;
  timestamp: number;
}

/**
 * Parses a job and calls its handler.
 * @returns null when this version cannot read the job, its record or its entry in staging
 */
export async function callHandler(
  job: QueuedJob,
  handlers: JobHandlers,
  context: Omit<JobContext, 'lastTry' | 'timesTaken'>,
): Promise<JobResult | null> {
  const { name, opts, attemptsMade, attemptsStarted: timesTaken } = job;
  if (!isJobName(name)) return null;
  const lastTry = attemptsMade + 1 >= (opts.attempts ?? 1);
  const result = await orUnreadable(async () =>
    handle(name, job, handlers, { ...context, lastTry, timesTaken }),
  ).catch((error: unknown): JobResult => {
    // A bucket that does not respond may be staging, without which no job can do anything.
    if (error instanceof StorageFault && error.facts.kind !== 'rejected')
      return { outcome: 'again', afterMs: AWAY_MS };
    throw error;
  });
  return result === 'unreadable' ? null : result;
}

/** Calls the follow-up of a job that is done, if it has one. @throws its errors */
export async function callFollowUp({ name, data }: QueuedJob, followUps: JobFollowUps): Promise<void> {
  if (isJobName(name)) await followUp(name, data, followUps);
}

async function followUp<N extends JobName>(name: N, data: unknown, followUps: JobFollowUps): Promise<void> {
  await followUps[name]?.(JOBS[name].payload.parse(data) as never);
}

const isJobName = (name: string): name is JobName => name in JOBS;

function handle<N extends JobName>(
  name: N,
  job: QueuedJob,
  handlers: JobHandlers,
  context: JobContext,
): Promise<JobResult> {
  const payload = JOBS[name].payload.parse(job.data);
  const act = () => handlers[name](payload as never, context);
  return isTracing() ? traced(name, job, payload, act) : act();
}

const tracedSchema = z.object({
  imageId: z.string().optional(),
  trace: z.string().optional(),
  link: z.string().optional(),
});

/** A job of an image has a span. Other jobs run again and again, and the jobs that they add begin their own traces. */
function traced(
  name: JobName,
  job: QueuedJob,
  payload: object,
  act: () => Promise<JobResult>,
): Promise<JobResult> {
  const { imageId, trace, link } = tracedSchema.parse(payload);
  if (imageId === undefined) return linkedTo(link, act);
  const addedAtMs = job.attemptsStarted <= 1 ? job.timestamp : null;
  return inJobSpan({ name, trace, link, addedAtMs, attributes: { 'pixdock.image.id': imageId } }, act);
}
