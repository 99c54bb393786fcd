import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { PixdockError } from '@pixdock/contract/error';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import { readAt } from '@pixdock/shared/runtime/read-at';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import type { EntryOrigin } from '@pixdock/shared/state/images/origin';
import { DEFLATED, LOCAL_HEADER_BYTES, STORED } from '@pixdock/shared/state/manifest/zip-format';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { detectEncoding } from './text-encoding.js';

/** A file in a ZIP archive, according to the archive's directory, which may be wrong. */
export interface ArchiveEntry {
  /** As in the archive: it may be absolute or contain `..` or backslashes. Never use it as a path. */
  name: string;
  origin: EntryOrigin;
  /** Why it cannot be an image, without its place and name. */
  fault: { code: ErrorCode; detail: Detail } | null;
}

const ENCRYPTED = 0x1;

const DIRECTORY_ENTRY = 0x02014b50;
const BLOCK_BYTES = 64 * 1024;

/** Files that operating systems add. */
const SYSTEM_FILES = /(^|\/)(__MACOSX\/|\._[^/]*$|\.DS_Store$|Thumbs\.db$)/i;
const NESTED = /\.(zip|rar|7z|tar|gz|tgz)$/i;

/**
 * Yields the files of a ZIP archive in the order of its directory, without folders and files that operating systems add.
 * @param limits `maxEntries` counts folders too
 * @throws PixdockError invalid_request for an unreadable archive, too_many_items
 */
export async function* listArchive(
  path: string,
  limits: { maxEntryBytes: number; maxEntries: number },
): AsyncGenerator<ArchiveEntry> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let compressed = 0;
    for await (const entry of entriesOf(file, size, limits.maxEntries)) {
      if (isSliceOver()) await nextSlice();
      // Entries that share bytes would let a small archive expand without limit.
      compressed += entry.compressedSize;
      if (compressed > size) throw UNREADABLE(new Error('entries overlap'));
      const name = entryName(entry);
      if (/[\\/]$/.test(name) || SYSTEM_FILES.test(name.replaceAll('\\', '/'))) continue;
      yield { name, origin: originOf(entry), fault: faultOf(entry, name, size, limits.maxEntryBytes) };
    }
  } finally {
    await file.close();
  }
}

async function* entriesOf(file: FileHandle, size: number, maxEntries: number): AsyncGenerator<Entry> {
  try {
    // Names are decoded and sizes checked here: yauzl would refuse the whole archive for one invalid entry.
    const zip = await fromRandomAccessReaderPromise(new BlockReader(file), size, {
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: false,
    });
    if (zip.entryCount > maxEntries) throw tooManyEntries(maxEntries);
    yield* zip.eachEntry();
    // Writers without ZIP64 count their entries modulo 65,536.
    const next = await readAt(file, Number(zip.readEntryCursor), 4);
    if (next.length === 4 && next.readUInt32LE() === DIRECTORY_ENTRY)
      throw new Error('entries are not counted');
  } catch (error) {
    throw error instanceof PixdockError ? error : UNREADABLE(error);
  }
}

/** Reads blocks for yauzl, which asks for a few bytes at a time, twice for each entry. */
class BlockReader extends RandomAccessReader {
  #block: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(private readonly file: FileHandle) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const give = () => {
      const from = position - this.#start;
      const copied = this.#block.copy(buffer, offset, from, from + length);
      callback(copied === length ? null : new Error('the archive ends too early'));
    };
    if (position >= this.#start && position + length <= this.#start + this.#block.length) return give();
    readAt(this.file, position, Math.max(length, BLOCK_BYTES)).then((block) => {
      this.#block = block;
      this.#start = position;
      give();
    }, callback);
  }
}

function originOf(entry: Entry): EntryOrigin {
  return {
    kind: 'entry',
    offset: entry.relativeOffsetOfLocalHeader,
    method: entry.compressionMethod,
    compressedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    crc32: entry.crc32,
  };
}

function faultOf(entry: Entry, name: string, size: number, maxBytes: number): ArchiveEntry['fault'] {
  const { compressionMethod, compressedSize, uncompressedSize, relativeOffsetOfLocalHeader } = entry;
  if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0) return wrong(detailOf('entry-encrypted', {}));
  if (NESTED.test(name)) return wrong(detailOf('entry-is-archive', {}));
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED)
    return wrong(detailOf('entry-compression', { method: compressionMethod }));
  if (uncompressedSize > maxBytes)
    return {
      code: 'source_too_large',
      detail: detailOf('entry-too-large', { max: maxBytes, bytes: uncompressedSize }),
    };
  const end = relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + compressedSize;
  if (end > size || (compressionMethod === STORED && compressedSize !== uncompressedSize))
    return wrong(detailOf('entry-differs', {}));
  return uncompressedSize === 0 ? { code: 'empty_file', detail: detailOf('entry-empty', {}) } : null;
}

function wrong(detail: Detail): ArchiveEntry['fault'] {
  return { code: 'invalid_row', detail };
}

function tooManyEntries(maxEntries: number): PixdockError {
  return new PixdockError('too_many_items', detailOf('archive-too-many-entries', { max: maxEntries }));
}

const UNREADABLE = (cause: unknown) =>
  new PixdockError('invalid_request', detailOf('archive-unreadable'), { cause });

/** The facts about the name of an entry in a ZIP archive, as yauzl reads them. */
interface NameFacts {
  fileNameRaw: Buffer;
  generalPurposeBitFlag: number;
  extraFields: readonly { id: number; data: Buffer }[];
}

/**
 * The name of an entry. Without a declared encoding it has that of the writer's system: UTF-8 today, GB18030 on a Chinese
 * Windows.
 */
function entryName({ fileNameRaw, generalPurposeBitFlag, extraFields }: NameFacts): string {
  const unicode = extraFields.find(({ id, data }) => id === UNICODE_PATH && data.length > 5)?.data;
  if (unicode?.[0] === 1 && unicode.readUInt32LE(1) === crc32(fileNameRaw))
    return unicode.toString('utf8', 5);
  if ((generalPurposeBitFlag & UTF8_NAME) !== 0) return fileNameRaw.toString('utf8');
  return new TextDecoder(detectEncoding([fileNameRaw]) ?? 'utf-8').decode(fileNameRaw);
}

const UTF8_NAME = 0x800;
const UNICODE_PATH = 0x7075;
