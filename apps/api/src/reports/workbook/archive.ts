import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';
import { readAt } from '@pixdock/shared/runtime/read-at';
import type { EntryOrigin } from '@pixdock/shared/state/images/origin';
import { DEFLATED, findDirectory, LOCAL_HEADER_BYTES } from '@pixdock/shared/state/manifest/zip-format';

/** A new sheet may add a GiB to it, and every offset must fit into 32 bits. */
const MAX_ARCHIVE_BYTES = 3 * 1024 ** 3;
/** Directories of workbooks with 120,000 pictures. */
const MAX_DIRECTORY_BYTES = 32 * 1024 ** 2;

const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const END = 0x06054b50;
const IN_ZIP64 = 0xffff_ffff;
const HAS_DESCRIPTOR = 0x8;

/** An entry in the directory of a ZIP archive. */
export interface DirectoryEntry {
  name: string;
  origin: EntryOrigin;
  /** Where its record begins in the directory. */
  at: number;
}

/** The directory of an archive, with the end of the archive. */
export interface Directory {
  path: string;
  /** Where it begins. */
  offset: number;
  bytes: Buffer;
  entries: DirectoryEntry[];
  /** Where the record of the end begins in it. */
  endRecord: number;
}

/** Reads the directory (APPNOTE 4.3.12); null if there is none, or if it needs ZIP64. */
export async function readDirectory(path: string): Promise<Directory | null> {
  await using file: FileHandle = await open(path, 'r');
  const { size } = await file.stat();
  const offset = await findDirectory(file);
  if (offset === null || size > MAX_ARCHIVE_BYTES || size - offset > MAX_DIRECTORY_BYTES) return null;
  const bytes = await readAt(file, offset, size - offset);
  const entries: DirectoryEntry[] = [];
  let at = 0;
  while (at + ENTRY_BYTES <= bytes.length && bytes.readUInt32LE(at) === ENTRY) {
    const end = at + ENTRY_BYTES + bytes.readUInt16LE(at + 28);
    const origin: EntryOrigin = {
      kind: 'entry',
      method: bytes.readUInt16LE(at + 10),
      crc32: bytes.readUInt32LE(at + 16),
      compressedBytes: bytes.readUInt32LE(at + 20),
      bytes: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    };
    if ([origin.compressedBytes, origin.bytes, origin.offset].includes(IN_ZIP64)) return null;
    entries.push({ name: bytes.toString('utf8', at + ENTRY_BYTES, end), origin, at });
    at = end + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  const isWhole = at + 22 <= bytes.length && bytes.readUInt32LE(at) === END;
  return isWhole ? { path, offset, bytes, entries, endRecord: at } : null;
}

/** An entry with new content, which is read when it is written. */
export interface NewContent {
  entry: DirectoryEntry;
  content: AsyncIterable<Buffer>;
}

/**
 * Copies an archive as it is, except for the entries with new content, which come after all others and in their order. Holds
 * the directory in memory, and nothing else.
 */
export async function* replaceEntries(
  { path, offset: end, bytes: directory, entries, endRecord }: Directory,
  replaced: readonly NewContent[],
): AsyncGenerator<Buffer> {
  const offsets = entries.map(({ origin }) => origin.offset).toSorted((one, other) => one - other);
  const removed = replaced
    .map(({ entry }) => entry.origin.offset)
    .toSorted((one, other) => one - other)
    .map((from) => ({ from, to: offsets.find((other) => other > from) ?? end }));
  let written = 0;
  let copied = 0;
  for (const { from, to } of [...removed, { from: end, to: end }]) {
    for await (const piece of copy(path, copied, from)) {
      written += piece.length;
      yield piece;
    }
    copied = to;
  }
  for (const { at, origin } of entries) {
    const before = removed.filter(({ from }) => from < origin.offset);
    const gone = before.reduce((sum, { from, to }) => sum + to - from, 0);
    directory.writeUInt32LE(origin.offset - gone, at + 42);
  }
  for (const { entry, content } of replaced)
    for await (const piece of writeEntry(directory.subarray(entry.at), content, written)) {
      written += piece.length;
      yield piece;
    }
  directory.writeUInt32LE(written, endRecord + 16);
  yield directory;
}

async function* copy(path: string, from: number, to: number): AsyncGenerator<Buffer> {
  if (to > from) yield* createReadStream(path, { start: from, end: to - 1 });
}

/** Writes an entry whose sizes are only known at its end (APPNOTE 4.3.9), and adapts its record in the directory. */
async function* writeEntry(
  record: Buffer,
  content: AsyncIterable<Buffer>,
  offset: number,
): AsyncGenerator<Buffer> {
  record.writeUInt16LE(record.readUInt16LE(8) | HAS_DESCRIPTOR, 8);
  record.writeUInt16LE(DEFLATED, 10);
  const name = record.subarray(ENTRY_BYTES, ENTRY_BYTES + record.readUInt16LE(28));
  const header = Buffer.alloc(LOCAL_HEADER_BYTES);
  header.write('PK\x03\x04', 'latin1');
  // Version, flags, method and time are as in the directory.
  record.copy(header, 4, 6, 16);
  header.writeUInt16LE(name.length, 26);
  yield Buffer.concat([header, name]);

  let sum = 0;
  let bytes = 0;
  let compressed = 0;
  async function* counted() {
    for await (const piece of content) {
      sum = crc32(piece, sum);
      bytes += piece.length;
      yield piece;
    }
  }
  // An error of either stream destroys the other, and the reader sees it.
  for await (const piece of pipeline(Readable.from(counted()), createDeflateRaw(), () => {})) {
    compressed += piece.length;
    yield piece;
  }
  const sizes = Buffer.from(Uint32Array.of(sum, compressed, bytes).buffer);
  yield Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), sizes]);
  sizes.copy(record, 16);
  record.writeUInt32LE(offset, 42);
}
