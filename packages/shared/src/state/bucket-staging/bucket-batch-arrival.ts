import { hash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupsOf, whenAllEnd } from '../../runtime/in-groups.js';
import type { Logger } from '../../runtime/log.js';
import type { BatchEntry } from '../batches/batch-entry.js';
import { removeFolder } from '../files/folder.js';
import { type BatchArrival, openBatchArrival } from '../folder-staging/batch-arrival.js';
import { openFolderFiles } from '../folder-staging/folder-files.js';
import type { StagingLayout } from '../folder-staging/layout.js';
import { logLeftover } from '../staged/log-leftover.js';
import { batchFiles, stagedNames } from '../staged/staged-names.js';
import { type BucketFiles, bodyOf } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { type RefusedPut, refuse } from './refusals.js';
import { toStored } from './stored-text.js';
import { keyOf, newestOf, nextNumber, versionsOf } from './versions.js';

/** Numbers of the objects of each request for a batch. Those of a later request are higher, whichever puts last. */
const SPAN = 2 ** 20;
/** Files of a batch that are put at a time. */
const AT_ONCE = 8;

/** Receives a batch on the private disk, and copies it to the bucket at its commit: the entry last. */
export async function openBucketBatchArrival(
  bucket: ObjectBucket,
  files: BucketFiles,
  layout: StagingLayout,
  id: string,
  log?: Logger,
): Promise<BatchArrival> {
  /** The name of the received batch, on this disk only. */
  const received = join(stagedNames.incoming, `${id}.${randomUUID()}`);
  const arrival = await openBatchArrival({ ...layout, batch: () => files.path(received) }, id, log);
  const folder = stagedNames.batch(id);
  const names = batchFiles(folder);
  /** Its newest version says which request brings the batch. */
  const attempts = `${stagedNames.arriving(id)}/attempt`;
  /** The objects of this request. */
  const own: string[] = [];
  let entryPut: RefusedPut | null = null;
  let isKept = false;

  async function commit(entry: BatchEntry): Promise<void> {
    await arrival.commit(entry);
    const versions = await versionsOf(bucket, names.entry);
    if (newestOf(versions) !== null) throw new Error(`${id} was staged by another request`);
    // The sweep takes this key if it removes an arrival that has stopped.
    const nextKey = keyOf(names.entry, nextNumber(versions));
    const attempt = await begin();
    const put = async (local: string) => {
      const name = `${folder}${local.slice(received.length)}`;
      if (name === names.entry) return;
      const key = await files.put(name, await bodyOf(files.path(local)), attempt * SPAN);
      if (key !== null) own.push(key);
    };
    for await (const group of groupsOf(openFolderFiles(layout.root).list(received), AT_ONCE))
      await whenAllEnd(group.map(put));
    if ((await files.newest(attempts))?.number !== attempt)
      throw new Error(`another request brings ${id} as well`);
    const text = toStored(await readFile(batchFiles(files.path(received)).entry, 'utf8'));
    entryPut = { key: nextKey, md5: hash('md5', text) };
    if ((await bucket.create(nextKey, text)) === 'exists') {
      entryPut = null;
      throw new Error(`${id} was staged by another request`);
    }
    await files.removeUnsynced(attempts);
    await removeFolder(files.path(received));
  }

  /** @returns the number of this attempt */
  async function begin(): Promise<number> {
    const number = nextNumber(await versionsOf(bucket, attempts));
    return (await files.put(attempts, toStored(''), number)) === null ? begin() : number;
  }

  return {
    ...arrival,
    commit,
    keep() {
      isKept = true;
      arrival.keep();
    },
    async [Symbol.asyncDispose]() {
      await arrival[Symbol.asyncDispose]();
      if (isKept) return;
      // Until it is refused, a repeat of the request may adopt the batch. The sweep removes what stays without an entry.
      if (entryPut !== null && !(await refuse(bucket, files, entryPut, log))) return;
      await bucket.remove(own).catch(logLeftover(log, id));
    },
  };
}
