import { join } from 'node:path';
import { stagedNames } from '../staged/staged-names.js';

/** The paths below DATA_DIR/staging. */
export function stagingLayout(dataDir: string) {
  const root = join(dataDir, 'staging');
  const paths = Object.entries(stagedNames).map(([what, name]) => [
    what,
    typeof name === 'string' ? join(root, name) : (id: string) => join(root, name(id)),
  ]);
  return { root, ...(Object.fromEntries(paths) as typeof stagedNames) };
}

export type StagingLayout = ReturnType<typeof stagingLayout>;
