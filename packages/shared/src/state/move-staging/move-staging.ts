import { groupsOf, whenAllEnd } from '../../runtime/in-groups.js';
import type { ObjectBucket } from '../bucket-staging/object-bucket.js';
import { bucketStagingAt } from '../bucket-staging/open-bucket-staging.js';
import { stagingLayout } from '../folder-staging/layout.js';
import { stagingAt } from '../folder-staging/open-staging.js';
import { STAGING_ID, type StagingPlace } from '../staging-id.js';
import { compare } from './compare.js';
import { type Copy, copiesToBucket } from './copy-to-bucket.js';
import { copiesToFolder } from './copy-to-folder.js';

/** Where a staging moves. */
export const TARGETS = ['bucket', 'folder'] as const;
export type MoveTarget = (typeof TARGETS)[number];

/** What a move has done so far: files or objects copied, those that the target had already, and the bytes of the former. */
export interface MoveProgress {
  copied: number;
  present: number;
  bytes: number;
}

/** A move of a staging that no service uses. The source stays as it is. */
export interface StagingMove {
  source: StagingPlace;
  target: StagingPlace;
  /** The path of the folder, whether it is the source or the target. */
  folder: string;
  /** Changes while `copy` runs. */
  progress: MoveProgress;
  /**
   * Copies everything but the id, and removes what only the target has. May be repeated: it copies what the target lacks.
   * @throws if an object or a file differs from what was copied, or another process changes it
   */
  copy(): Promise<void>;
  /** Copies the id, with which the target is the same staging. */
  copyId(): Promise<void>;
}

/** Copies at a time: each has up to 8 MiB in memory. */
const COPIES = 8;

export function openStagingMove(to: MoveTarget, dataDir: string, bucket: ObjectBucket): StagingMove {
  const { root } = stagingLayout(dataDir);
  const [inFolder, inBucket] = [stagingAt(dataDir), bucketStagingAt(bucket, dataDir)];
  const [source, target] = to === 'bucket' ? [inFolder, inBucket] : [inBucket, inFolder];
  const progress: MoveProgress = { copied: 0, present: 0, bytes: 0 };

  async function* copies(): AsyncGenerator<Copy> {
    const copiesOf = to === 'bucket' ? copiesToBucket : copiesToFolder;
    for await (const compared of compare(bucket, root)) yield* copiesOf(bucket, root, compared);
  }

  async function run(copy: Copy): Promise<void> {
    const bytes = await copy();
    if (bytes === null) progress.present++;
    else {
      progress.copied++;
      progress.bytes += bytes;
    }
  }

  return {
    source,
    target,
    folder: root,
    progress,
    async copy() {
      for await (const group of groupsOf(copies(), COPIES)) await whenAllEnd(group.map(run));
    },
    async copyId() {
      const id = await source.notes.read(STAGING_ID);
      if (id !== null) await target.notes.write(STAGING_ID, id);
    },
  };
}
