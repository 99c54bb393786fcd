import { open } from 'node:fs/promises';
import { removeFolder } from '../files/folder.js';
import { type Outputs, openVariantOf, RENDERED } from '../folder-staging/outputs.js';
import { stagedNames } from '../staged/staged-names.js';
import type { BucketFiles } from './bucket-files.js';
import { openSpool } from './spool.js';

/** Rendered variants in the bucket, because the API that shows them to a person is on another host. */
export function openBucketOutputs(files: BucketFiles): Outputs {
  const nameOf = (id: string, ...rest: string[]) => [stagedNames.output(id), ...rest].join('/');
  const manifest = (id: string) => files.read(nameOf(id, RENDERED));
  const openFile: Outputs['open'] = async (id, attempt, file) => {
    // The open file remains readable, and no copy on this disk outlives the image.
    await using spool = await openSpool(files, id);
    const found = await files.bring(nameOf(id, attempt, file), spool.path);
    return found === null ? null : await open(spool.path);
  };
  return {
    async save(id, attempt, saved, text) {
      await files.removeAll(stagedNames.output(id));
      for (const [file, bytes] of saved) await files.put(nameOf(id, attempt, file), bytes, 1);
      await files.write(nameOf(id, RENDERED), text);
    },
    manifest,
    open: openFile,
    openVariant: (id, variant) => openVariantOf({ manifest, open: openFile }, id, variant),
    async discard(id) {
      await files.removeAll(stagedNames.output(id));
      // Also the copy of its source: a failed image may never be read again.
      await removeFolder(files.path(stagedNames.image(id)));
    },
  };
}
