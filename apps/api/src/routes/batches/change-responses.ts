import { batchContent, bodyRefusals } from '../responses.js';

/** Responses to a change of a batch. */
export const changedBatch = (description: string) => ({
  ...bodyRefusals,
  202: { description, content: batchContent },
});

/** The response to a change that was carried out within the time to wait. */
export const finishedBatch = { description: 'Finished within the time to wait', content: batchContent };
