import { readTogether } from '../../runtime/read-together.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import type { RecordKeys } from '../record-keys.js';
import { type StoredImage, storedImage } from './document.js';
import type { ImageRecord } from './image-record.js';

/** Images read per digest in a look-up. */
const EQUAL_SOURCES = 20;
/** Images read per request or verdict: also those that are being deleted. */
const EQUAL_REQUESTS = 5;
/** Images read per externalId: a row may have several, and has as many again each time that it is sent. */
const EQUAL_IDS = 20;
/** Records or indexes per command, which blocks Redis for about 0.1 ms. */
const READ_AT_ONCE = 50;

/** Reads records by id, and by what they were made of. */
export function openRecordReader(redis: RedisConnection, keys: RecordKeys) {
  const readEach = loadScript<unknown[]>('read-each');

  async function readDocuments(ids: readonly string[]): Promise<(string | null | Error)[]> {
    const [first, ...others] = ids;
    if (first !== undefined && others.length === 0) return [await redis.hget(keys.record(first), 'doc')];
    const command = { command: 'HGET', arguments: ['doc'] } as const;
    const groups = groupsOf(ids, READ_AT_ONCE).map((group) =>
      readEach(redis, group.map(keys.record), command),
    );
    return (await Promise.all(groups)).flat() as (string | null | Error)[];
  }

  const readDocument = readTogether(readDocuments);
  const read = async (id: string): Promise<StoredImage | null> => stored(await readDocument(id));
  const get = async (id: string): Promise<ImageRecord | null> => (await read(id))?.record() ?? null;

  async function getMany(ids: readonly string[]): Promise<(ImageRecord | null)[]> {
    const records: (ImageRecord | null)[] = [];
    for (const group of groupsOf(ids, READ_AT_ONCE))
      for (const document of await readDocuments(group)) {
        if (isSliceOver()) await nextSlice();
        records.push(stored(orThrow(document))?.record() ?? null);
      }
    return records;
  }

  async function newestIn(index: string, count: number): Promise<ImageRecord[]> {
    const ids = await redis.zrevrange(index, 0, count - 1);
    return (await getMany(ids)).filter((record) => record !== null);
  }

  return {
    get,
    /** The stored record, which is parsed only if the caller needs it. */
    read,
    /** Records of many ids in their order, parsed in slices. */
    getMany,

    /** An owner's published images that a request with this digest (`requestDigest`) fetched: some of the newest, newest first. */
    findByRequest: (owner: string, request: string) =>
      newestIn(keys.ofRequest(owner, request), EQUAL_REQUESTS),
    /** An owner's images with this externalId: some of the newest, newest first. */
    findByExternalId: (owner: string, externalId: string) =>
      newestIn(keys.ofExternalId(owner, externalId), EQUAL_IDS),
    /** An owner's images with a verdict on this subject (`reviewSubject`): some of the newest, newest first. */
    findByVerdict: (owner: string, subject: string) =>
      newestIn(keys.ofVerdict(owner, subject), EQUAL_REQUESTS),

    /** The version of the record, without the rest; null without a record. */
    async version(id: string): Promise<number | null> {
      const version = await redis.hget(keys.record(id), 'version');
      return version === null ? null : Number(version);
    },

    /** An owner's published images whose source has one of these digests (hex): the newest per digest and profile. */
    async findBySha256(owner: string, digests: readonly string[]): Promise<ImageRecord[]> {
      const wanted = new Set(digests);
      const first = new Map<string, ImageRecord>();
      for (const group of groupsOf(digests, READ_AT_ONCE)) {
        const indexes = group.map((digest) => keys.ofSha256(owner, digest));
        const newest = { command: 'ZREVRANGE', arguments: [0, EQUAL_SOURCES - 1] } as const;
        const ids = ((await readEach(redis, indexes, newest)) as (string[] | Error)[]).flatMap(orThrow);
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

const stored = (document: string | null) => (document === null ? null : storedImage(document));

function orThrow<Reply>(reply: Reply | Error): Reply {
  if (reply instanceof Error) throw reply;
  return reply;
}

function groupsOf<T>(all: readonly T[], size: number): T[][] {
  const groups = Math.ceil(all.length / size);
  return Array.from({ length: groups }, (_, i) => all.slice(i * size, (i + 1) * size));
}
