import { join } from 'node:path';

/** Where things lie below DATA_DIR/staging. Names are ids of ours; nothing of a caller's ever becomes a path. */
export function stagingLayout(dataDir: string) {
  const root = join(dataDir, 'staging');
  const sharded = (kind: string, id: string) => join(root, kind, id.slice(4, 6), id);
  return {
    root,
    /** Uploads on their way in, one folder each; a finished one moves to `live` as a whole. */
    incoming: join(root, 'incoming'),
    arriving: (id: string) => join(root, 'incoming', id),
    live: join(root, 'live'),
    image: (id: string) => sharded('live', id),
    submission: (id: string) => join(sharded('live', id), 'submission.json'),
    source: (id: string) => join(sharded('live', id), 'source'),
    /** What was rendered and is not stored yet. */
    output: (id: string) => join(sharded('live', id), 'output'),
    outcomes: join(root, 'outcomes'),
    outcome: (id: string) => `${sharded('outcomes', id)}.json`,
    /** An empty file for each deletion that was asked for and is not done. */
    deletions: join(root, 'deletions'),
    deletion: (id: string) => sharded('deletions', id),
    batches: join(root, 'batches'),
    batch: (id: string) => sharded('batches', id),
  };
}

/** What lies in a batch's folder. */
export function batchFiles(folder: string) {
  const materials = join(folder, 'materials');
  const uploads = join(materials, 'uploads');
  return {
    entry: join(folder, 'batch.json'),
    /** Only of a batch whose items are all deleted: this and the entry are all that stays of it. */
    tombstone: join(folder, 'tombstone.json'),
    items: join(folder, 'items.ndjson'),
    /** The cells of each row, one JSON array per line. */
    cells: join(folder, 'cells.ndjson'),
    /** Values that many items have in common. */
    tables: join(folder, 'tables.json'),
    index: join(folder, 'index'),
    /** Empty files that say what was asked for. */
    marks: join(folder, 'marks'),
    mark: (name: string) => join(folder, 'marks', name),
    /** What only fetching needs: it goes while the rest stays for the report. */
    materials,
    headers: join(materials, 'headers.json'),
    archive: join(materials, 'archive.zip'),
    uploads,
    upload: (name: string) => join(uploads, name),
    /** Sources that several items have in common, by the place of the first. */
    shared: (place: number) => join(materials, `shared-${place}`),
  };
}

export type StagingLayout = ReturnType<typeof stagingLayout>;
