import { BATCH_ID, IMAGE_ID, UPLOAD_ID } from '@pixdock/contract/ids';
import { isTemporary } from '../files/durable.js';
import { RENDERED } from '../folder-staging/outputs.js';
import { CLOCK } from '../folder-staging/walk.js';
import { batchFiles, stagedNames, uploadFiles } from '../staged/staged-names.js';

/** The folders with a shard for each beginning of an id. */
export const SHARDED = [
  stagedNames.batches,
  stagedNames.deletions,
  stagedNames.live,
  stagedNames.outcomes,
  stagedNames.uploads,
];

/** In a bucket, a text has a first line, bytes are stored as they are, and appended bytes have no MD5. */
type Kind = 'text' | 'bytes' | 'appended';

const COUNTED = /^counted-/;

/** How a name is stored; null for what a move leaves behind: unfinished files, and what services count or write again. */
export function kindOf(name: string): Kind | null {
  const [top = '', , file = ''] = name.split('/');
  const id = file.replace(/\.(?:json|kept)$/, '');
  if (isTemporary(name)) return null;
  if (top === stagedNames.live) return IMAGE_ID.test(id) ? kindOfImage(id, name) : null;
  if (top === stagedNames.batches) return BATCH_ID.test(id) ? kindOfBatch(id, name) : null;
  if (top === stagedNames.uploads) return UPLOAD_ID.test(id) ? kindOfUpload(id, name) : null;
  if (SHARDED.includes(top)) return IMAGE_ID.test(id) ? 'text' : null;
  return name === CLOCK || COUNTED.test(name) ? null : 'text';
}

function kindOfImage(id: string, name: string): Kind | null {
  const output = stagedNames.output(id);
  if (name === stagedNames.source(id)) return 'bytes';
  if (name.startsWith(`${output}/`)) return name === `${output}/${RENDERED}` ? 'text' : 'bytes';
  return name === stagedNames.submission(id) || name.startsWith(`${stagedNames.review(id)}/`) ? 'text' : null;
}

function kindOfBatch(id: string, name: string): Kind | null {
  const files = batchFiles(stagedNames.batch(id));
  if ([files.items, files.cells, files.index].includes(name)) return 'bytes';
  if (name.startsWith(`${files.materials}/`)) return 'bytes';
  const texts = [files.entry, files.name, stagedNames.deletedBatch(id)];
  return texts.includes(name) || name.startsWith(`${files.changes}/`) ? 'text' : null;
}

function kindOfUpload(id: string, name: string): Kind | null {
  const { entry, data } = uploadFiles(stagedNames.upload(id));
  if (name === data) return 'appended';
  return name === entry || name === stagedNames.finishedUpload(id) ? 'text' : null;
}

/** The names that are moved, of all names of a shard or of all notes: not the rest of a batch or an upload without its entry. */
export function movedNames(all: Iterable<string>): Set<string> {
  const names = new Set(all);
  return new Set([...names].filter((name) => kindOf(name) !== null && names.has(entryOf(name))));
}

/** The name without which this one is the rest of a batch or an upload that is being removed. */
function entryOf(name: string): string {
  const [top, , id = '', inside] = name.split('/');
  if (inside === undefined) return name;
  if (top === stagedNames.batches) return batchFiles(stagedNames.batch(id)).entry;
  if (top === stagedNames.uploads) return uploadFiles(stagedNames.upload(id)).entry;
  return name;
}
