import type { Entry } from '../images/entry.js';
import { writeDurably } from './durable.js';
import { removeFolder } from './folder.js';
import type { StagingLayout } from './layout.js';
import { removeFile } from './optional-file.js';

/** Makes the submission of an image durable. */
export const writeSubmission = (layout: StagingLayout, submission: Entry) =>
  writeDurably(layout.submission(submission.record.id), JSON.stringify(submission));

/** Removes all files of an image except a request to delete it. */
export async function removeImage(layout: StagingLayout, id: string): Promise<void> {
  await removeFolder(layout.image(id));
  await removeFile(layout.outcome(id));
  await removeFile(layout.kept(id));
}
