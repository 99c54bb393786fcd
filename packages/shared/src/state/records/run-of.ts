import type { NextRun } from '../../queue/queue.js';
import type { ImageRecord } from './image-record.js';
import { needsSource } from './view.js';

/** An owner's single images form one flow beside the flows of the batches. */
const SINGLE_IMAGES = 'images';

/** The current run of an image, as the queue takes it. */
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
