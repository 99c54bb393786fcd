import { join } from 'node:path';
import { LATE } from '../bucket-staging/bucket-files.js';
import type { ObjectBucket } from '../bucket-staging/object-bucket.js';
import { type Version, versionsWith } from '../bucket-staging/versions.js';
import { namesIn } from '../files/optional-file.js';
import { list } from '../folder-staging/walk.js';
import { stagedNames } from '../staged/staged-names.js';
import { STAGING_ID } from '../staging-id.js';
import { SHARDED } from './moved-names.js';

/** The files of the folder and the versions of the bucket in one shard, or those of all notes. */
export interface Compared {
  /** The shard; null: the notes. */
  shard: string | null;
  files: string[];
  /** All versions of each name, and their marks. */
  versions: Map<string, Version[]>;
}

/** `lost+found` is at the root of a file system. The id is copied separately. */
const NOT_NOTES = [...SHARDED, stagedNames.incoming, LATE, 'lost+found', STAGING_ID];

/** Goes through both, a shard at a time, so that memory is bounded. */
export async function* compare(bucket: ObjectBucket, root: string): AsyncGenerator<Compared> {
  for (const folder of SHARDED) {
    const shards = new Set(await namesIn(join(root, folder)));
    for await (const [shard, versions] of shardsIn(bucket, folder)) {
      shards.delete(shard.slice(folder.length + 1));
      yield { shard, files: await filesBelow(root, shard), versions };
    }
    for (const name of shards) {
      const shard = `${folder}/${name}`;
      yield { shard, files: await filesBelow(root, shard), versions: new Map() };
    }
  }
  yield { shard: null, files: await notesIn(root), versions: await notesInBucket(bucket) };
}

async function* shardsIn(
  bucket: ObjectBucket,
  folder: string,
): AsyncGenerator<[shard: string, versions: Map<string, Version[]>]> {
  let shard = '';
  let versions = new Map<string, Version[]>();
  for await (const version of versionsWith(bucket, `${folder}/`)) {
    const next = version.name.split('/', 2).join('/');
    if (next !== shard) {
      if (versions.size > 0) yield [shard, versions];
      [shard, versions] = [next, new Map()];
    }
    add(versions, version);
  }
  if (versions.size > 0) yield [shard, versions];
}

function add(versions: Map<string, Version[]>, version: Version): void {
  const known = versions.get(version.name);
  if (known === undefined) versions.set(version.name, [version]);
  else known.push(version);
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await list(join(root, folder))) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(root, name)));
    else found.push(name);
  }
  return found;
}

async function notesIn(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await list(root)) {
    if (NOT_NOTES.includes(entry.name)) continue;
    if (entry.isDirectory()) found.push(...(await filesBelow(root, entry.name)));
    else found.push(entry.name);
  }
  return found;
}

async function notesInBucket(bucket: ObjectBucket): Promise<Map<string, Version[]>> {
  const versions = new Map<string, Version[]>();
  for (let after: string | null = null; ; ) {
    let folder: string | undefined;
    for await (const version of versionsWith(bucket, '', after)) {
      folder = NOT_NOTES.find((other) => version.name.startsWith(`${other}/`));
      if (folder !== undefined) break;
      if (version.name !== STAGING_ID) add(versions, version);
    }
    if (folder === undefined) return versions;
    // Behind all names in this folder.
    after = `${folder}/~`;
  }
}
