import type { NextRun } from '../../queue/queue.js';
import type { ImageRecord } from './image-record.js';
import { needsSource } from './view.js';

/** Single images take turns with batches as if they were one. */
const SINGLE_IMAGES = 'images';

/** What the queue has to know of the image's run. */
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
