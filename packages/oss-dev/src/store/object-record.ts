import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The sidecar of an object. `file` is the name of its body in the same directory, of which the first `size` bytes count; `headers`
 * are returned unchanged. An object that AppendObject made has no `md5`.
 */
export type ObjectRecord = {
  bucket: string;
  key: string;
  file: string;
  size: number;
  md5?: string;
  crc64: string;
  lastModified: string;
  headers: Record<string, string>;
};

export function isAppendable(record: ObjectRecord): boolean {
  return record.md5 === undefined;
}

/** The MD5 in quotes; in OSS, the ETag of an appendable object has the same form and is no digest. */
export function etagOf({ md5, crc64, size }: ObjectRecord): string {
  return `"${md5 ?? hex(BigInt(crc64), 16) + hex(size, 16)}"`;
}

function hex(value: number | bigint, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
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
