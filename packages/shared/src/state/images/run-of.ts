import type { JobQueue, QueuedRun } from '../../queue/queue.js';
import type { Batches } from '../batches/batches.js';
import { type ImageRecord, needsSource } from './image-record.js';

/** The flow of an owner's single images, beside the flows of the batches. */
const SINGLE_IMAGES = 'images';

/** The current run of an image, for the queue. */
export function runOf(record: ImageRecord): QueuedRun {
  const { id, run, owner, batchId } = record;
  return {
    id,
    run,
    owner,
    flow: batchId ?? SINGLE_IMAGES,
    isItem: batchId !== null,
    needsSource: needsSource(record),
  };
}

/** Enqueues the run that has just begun. An item is started by its batch in turn, unless the batch is being forgotten. */
export async function enqueueNextRun(
  { batches, queue }: { batches: Pick<Batches, 'inRedis'>; queue: JobQueue },
  record: ImageRecord,
): Promise<void> {
  const batch = record.batchId === null ? null : await batches.inRedis(record.batchId);
  if (batch === null || batch.forgottenAt !== null) await queue.enqueue(runOf(record));
  else await queue.expand(batch);
}
