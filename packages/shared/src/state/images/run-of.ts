import type { NextRun } from '../../queue/job-queue.js';
import type { ImageRecord } from './image-record.js';
import { needsSource } from './view.js';

/** The flow of an owner's single images, beside the flows of the batches. */
const SINGLE_IMAGES = 'images';

/** The current run of an image, for the queue. */
export function runOf(record: ImageRecord): NextRun {
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
