import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import type { RecordKeys } from '../record-keys.js';
import { type StoredImage, storedImage } from './document.js';
import type { ImageRecord } from './image-record.js';

/** Reads records by id, and by the digest of their source. */
export interface RecordReader {
  get: (id: string) => Promise<ImageRecord | null>;
  /** Like `get`; parses the record only if the caller needs it. */
  read: (id: string) => Promise<StoredImage | null>;
  /** Reads many ids in their order, with one command for each 50 of them. */
  readMany: (ids: readonly string[]) => Promise<(StoredImage | null)[]>;
  /** The version of the record, without the rest; null without a record. */
  version: (id: string) => Promise<number | null>;
  /** Records of many ids in their order, parsed in slices. */
  getMany: (ids: readonly string[]) => Promise<(ImageRecord | null)[]>;
  /** An owner's published images whose source has one of these digests (hex): the newest per digest and profile. */
  findBySha256: (owner: string, digests: readonly string[]) => Promise<ImageRecord[]>;
}

/** Images read per digest in a look-up. */
const EQUAL_SOURCES = 20;
/** Records or indexes per command, which blocks Redis for about 0.1 ms. */
const READ_AT_ONCE = 50;

type ReadFields = { command: 'HGET' | 'ZREVRANGE'; arguments: readonly (string | number)[] };

export function openRecordReader(redis: RedisConnection, keys: RecordKeys): RecordReader {
  const readEach = loadScript<ReadFields, unknown[]>('read-each');

  async function read(id: string): Promise<StoredImage | null> {
    const document = await redis.hget(keys.record(id), 'doc');
    return document === null ? null : storedImage(document);
  }

  async function readMany(ids: readonly string[]): Promise<(StoredImage | null)[]> {
    const [first, ...others] = ids;
    if (first !== undefined && others.length === 0) return [await read(first)];
    const command = { command: 'HGET', arguments: ['doc'] } as const;
    const groups = groupsOf(ids, READ_AT_ONCE).map((group) =>
      readEach(redis, group.map(keys.record), command),
    );
    const documents = (await Promise.all(groups)).flat() as (string | null)[];
    return documents.map((document) => (document === null ? null : storedImage(document)));
  }

  const get = async (id: string): Promise<ImageRecord | null> => (await read(id))?.record() ?? null;

  async function getMany(ids: readonly string[]): Promise<(ImageRecord | null)[]> {
    const records: (ImageRecord | null)[] = [];
    for (const group of groupsOf(ids, READ_AT_ONCE))
      for (const stored of await readMany(group)) {
        if (isSliceOver()) await nextSlice();
        records.push(stored?.record() ?? null);
      }
    return records;
  }

  return {
    get,
    read,
    readMany,
    getMany,

    async version(id) {
      const version = await redis.hget(keys.record(id), 'version');
      return version === null ? null : Number(version);
    },

    async findBySha256(owner, digests) {
      const wanted = new Set(digests);
      const first = new Map<string, ImageRecord>();
      for (const group of groupsOf(digests, READ_AT_ONCE)) {
        const indexes = group.map((digest) => keys.ofSha256(owner, digest));
        const newest = { command: 'ZREVRANGE', arguments: [0, EQUAL_SOURCES - 1] } as const;
        const ids = ((await readEach(redis, indexes, newest)) as string[][]).flat();
        for (const record of await getMany(ids)) {
          if (record === null || !wanted.has(record.source.sha256 ?? '')) continue;
          const key = `${record.source.sha256} ${record.profile}`;
          if (!first.has(key)) first.set(key, record);
        }
      }
      return [...first.values()];
    },
  };
}

function groupsOf<T>(all: readonly T[], size: number): T[][] {
  const groups = Math.ceil(all.length / size);
  return Array.from({ length: groups }, (_, i) => all.slice(i * size, (i + 1) * size));
}
