import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';

const run = promisify(execFile);

/** What staging takes of the disk. */
export interface DiskUse {
  /** Of the blocks of all files and folders. */
  bytes: number;
  /** Files and folders. */
  inodes: number;
}

/**
 * Counts at a low priority what staging takes, without the notes of its last counts. `du` walks many thousand files faster than Node.
 */
export async function stagingUse(dataDir: string): Promise<DiskUse> {
  const { root } = stagingLayout(dataDir);
  const count = async (unit: string) => {
    const du = run('nice', ['-n', '19', 'du', '-s', '--exclude=counted-*', unit, root]);
    // It exits with 1 when files disappear while it runs.
    const { stdout } = await du.catch((error: { stdout: string }) => error);
    return Number.parseInt(stdout, 10);
  };
  return { bytes: await count('--block-size=1'), inodes: await count('--inodes') };
}

/** Makes the folders that shard ids, which are the same for any number of images. */
export function makeShards(dataDir: string): void {
  const { live, outcomes, deletions, batches, uploads } = stagingLayout(dataDir);
  for (const folder of [live, outcomes, deletions, batches, uploads])
    for (let n = 0; n < 256; n++)
      mkdirSync(join(folder, n.toString(16).padStart(2, '0')), { recursive: true });
}
