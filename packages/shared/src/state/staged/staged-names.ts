import { join } from 'node:path/posix';

const sharded = (kind: string, id: string) => join(kind, id.slice(4, 6), id);

/** The names of what is in staging. They contain our ids only, never text of a caller. */
export const stagedNames = {
  /** A folder for each image or batch being received; a whole one moves to `live` or `batches`. */
  incoming: 'incoming',
  arriving: (id: string) => join('incoming', id),
  live: 'live',
  image: (id: string) => sharded('live', id),
  submission: (id: string) => join(sharded('live', id), 'submission.json'),
  source: (id: string) => join(sharded('live', id), 'source'),
  /** Rendered variants that are not stored yet. */
  output: (id: string) => join(sharded('live', id), 'output'),
  /** Notes about the reviews of an image (reviews.ts). */
  review: (id: string) => join(sharded('live', id), 'review'),
  outcomes: 'outcomes',
  outcome: (id: string) => `${sharded('outcomes', id)}.json`,
  /** An empty file for each image that is kept, although its entry has a deletion time. */
  kept: (id: string) => `${sharded('outcomes', id)}.kept`,
  /** An empty file for each requested deletion that is not done. */
  deletions: 'deletions',
  deletion: (id: string) => sharded('deletions', id),
  batches: 'batches',
  batch: (id: string) => sharded('batches', id),
  /** The entry and the tombstone of a batch whose items are all deleted. */
  deletedBatch: (id: string) => `${sharded('batches', id)}.json`,
  /** A folder for each resumable upload, and a file for each that is finished. */
  uploads: 'uploads',
  upload: (id: string) => sharded('uploads', id),
  finishedUpload: (id: string) => `${sharded('uploads', id)}.json`,
  /** A folder with the notes of each owner's endpoints. */
  webhooks: 'webhooks',
};

/** The names in a batch's folder. */
export function batchFiles(folder: string) {
  const materials = join(folder, 'materials');
  const uploads = join(materials, 'uploads');
  return {
    entry: join(folder, 'batch.json'),
    /** The name that the batch got after its submission. */
    name: join(folder, 'name'),
    items: join(folder, 'items.ndjson'),
    /** The cells of each row, one JSON array per line. */
    cells: join(folder, 'cells.ndjson'),
    index: join(folder, 'index'),
    /** An empty file for each requested change. */
    changes: join(folder, 'changes'),
    change: (name: string) => join(folder, 'changes', name),
    /** Files for fetching only, which are removed before those that the report needs. */
    materials,
    headers: join(materials, 'headers.json'),
    archive: join(materials, 'archive.zip'),
    uploads,
    upload: (name: string) => join(uploads, name),
    /** Sources that several items share, by the place of the first item. */
    shared: (place: number) => join(materials, `shared-${place}`),
  };
}

/** The names in the folder of a resumable upload. */
export function uploadFiles(folder: string) {
  return {
    entry: join(folder, 'upload.json'),
    /** The entry of a direct upload. */
    direct: join(folder, 'direct.json'),
    /** The bytes received so far. */
    data: join(folder, 'data'),
    /** The offset from which `data` is not compared with its checksum yet. */
    unchecked: join(folder, 'unchecked'),
  };
}
