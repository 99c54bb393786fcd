import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The sidecar of an object. `file` is the name of its body in the same directory; `headers` are returned unchanged. */
export type ObjectRecord = {
  bucket: string;
  key: string;
  file: string;
  size: number;
  md5: string;
  crc64: string;
  lastModified: string;
  headers: Record<string, string>;
};

export function etagOf(record: { md5: string }): string {
  return `"${record.md5}"`;
}

export async function readRecord(sidecar: string): Promise<ObjectRecord | undefined> {
  const text = await readFile(sidecar, 'utf8').catch(ifMissing);
  return text === undefined ? undefined : (JSON.parse(text) as ObjectRecord);
}

/** The keys of all sidecars in the directory of a bucket, unordered. */
export async function scanKeys(directory: string): Promise<string[]> {
  const keys: string[] = [];
  for (const shard of await readdir(directory)) {
    const sidecars = (await readdir(join(directory, shard))).filter((name) => name.endsWith('.json'));
    const records = await Promise.all(sidecars.map((name) => readRecord(join(directory, shard, name))));
    keys.push(...records.flatMap((record) => record?.key ?? []));
  }
  return keys;
}

export function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
