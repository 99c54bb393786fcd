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
  };
}

export type StagingLayout = ReturnType<typeof stagingLayout>;
