import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { readAt } from '../../runtime/read-at.js';
import { isThere, removeFile } from '../files/optional-file.js';
import type { EntryOrigin, Origin } from '../images/origin.js';
import { type BatchFiles, readIndex } from './read-items.js';
import { DIGEST_AT, INDEX_BYTES, keyDigest, MAX_ROW_ITEMS, storedItemSchema } from './stored.js';
import { findDirectory, LOCAL_HEADER_BYTES } from './zip-format.js';

/**
 * Erases the row of an item from the files of its batch, once all images of the row are deleted. Only the number of the row
 * stays. Every line keeps its length, so that the index stays valid, and its beginning, so that a line that a crash left half
 * erased can be erased again.
 * @param remove removes a file of the row
 */
export async function eraseRow(
  batch: BatchFiles,
  place: number,
  isDeleted: (place: number) => Promise<boolean>,
  remove: (path: string) => Promise<unknown> = removeFile,
): Promise<void> {
  const { files, entry } = batch;
  const { index, begin, end } = await findRow(batch, place);
  if (!(await isRowDeleted(batch, place, isDeleted))) return;

  if (entry.workbook !== null && (await isThere(files.archive))) await eraseText(files);
  const isLast = end === entry.total;
  const own = { from: index.offset(begin), to: isLast ? null : index.offset(end) };
  const shownElsewhere: EntryOrigin[] = [];
  await eraseLines(files.items, own.from, own.to, async (line) => {
    const picture = await eraseSource(batch, line, own, remove);
    if (picture !== null) shownElsewhere.push(picture);
    const beginning = BEGINNING.exec(line)?.[0];
    return beginning === undefined ? '{}' : `${beginning}}`;
  });
  // The rows that show a picture may be erased at the same time, so that each of them still saw another one. Check again.
  for (const picture of shownElsewhere)
    if (!(await isOutside(own, files.items, shows(picture)))) await eraseEntry(files.archive, picture);
  const cellsEnd = isLast ? null : index.cellsOffset(end);
  await eraseLines(files.cells, index.cellsOffset(begin), cellsEnd, async () => '[]');

  await using entries = await open(files.index, 'r+');
  for (let at = begin; at < end; at++) {
    // The digest goes, too: trying all telephone numbers would find the one in a URL.
    await entries.write(keyDigest(null), 0, null, at * INDEX_BYTES + DIGEST_AT);
    await remove(files.shared(at));
  }
  await entries.sync();
}

/** Whether all images of the row with this item are deleted. */
export async function isRowDeleted(
  batch: BatchFiles,
  place: number,
  isDeleted: (place: number) => Promise<boolean>,
): Promise<boolean> {
  const { begin, end } = await findRow(batch, place);
  for (let other = begin; other < end; other++) if (!(await isDeleted(other))) return false;
  return true;
}

/** The items of a row: from `begin` up to, but not including, `end`. */
async function findRow(batch: BatchFiles, place: number) {
  const first = Math.max(0, place - MAX_ROW_ITEMS);
  const index = await readIndex(batch, first, Math.min(place + MAX_ROW_ITEMS + 1, batch.entry.total));
  let [begin, end] = [place, place + 1];
  while (begin > first && index.continues(begin)) begin--;
  while (end < first + index.count && index.continues(end)) end++;
  return { index, begin, end };
}

/** The member that a line keeps. */
const BEGINNING = /^\{"(?:row|same)":\d+/;

async function eraseLines(
  path: string,
  from: number,
  to: number | null,
  erased: (line: string) => Promise<string>,
): Promise<void> {
  await using file = await open(path, 'r+');
  const end = to ?? (await file.stat()).size;
  // A character for each byte.
  const lines = (await readAt(file, from, end - from)).toString('latin1').split('\n');
  const next: string[] = [];
  for (const line of lines) next.push(line === '' ? '' : (await erased(line)).padEnd(line.length));
  await file.write(next.join('\n'), from, 'latin1');
  await file.sync();
}

interface Range {
  from: number;
  /** Null: the end of the file. */
  to: number | null;
}

/**
 * Removes the bytes of a source that the batch has itself: a file of a form, or an entry of an archive with its name. A picture of
 * a workbook goes with the last row that shows it.
 * @param own the lines of the row
 * @returns a picture that other rows show
 */
async function eraseSource(
  { files, entry }: BatchFiles,
  line: string,
  own: Range,
  remove: (path: string) => Promise<unknown>,
): Promise<EntryOrigin | null> {
  const origin = originOf(line);
  if (origin?.kind === 'file') await remove(files.upload(origin.name));
  if (origin?.kind !== 'entry' || !(await isThere(files.archive))) return null;
  if (entry.workbook !== null && (await isOutside(own, files.items, shows(origin)))) return origin;
  await eraseEntry(files.archive, origin);
  return null;
}

/** The part of a line that shows a picture of a workbook. */
const shows = ({ offset }: EntryOrigin) => `"offset":${offset},`;

/** Longer than any text that is looked for. */
const OVERLAP_BYTES = 64;

/** Whether a text is in a file outside a range. */
async function isOutside({ from, to }: Range, path: string, text: string): Promise<boolean> {
  const before = from === 0 ? [] : [{ end: from - 1 }];
  const after = to === null ? [] : [{ start: to }];
  for (const part of [...before, ...after]) {
    let rest = '';
    for await (const piece of createReadStream(path, { ...part, encoding: 'latin1' })) {
      const whole = `${rest}${piece}`;
      if (whole.includes(text)) return true;
      rest = whole.slice(-OVERLAP_BYTES);
    }
  }
  return false;
}

/** Null for a line that is half erased: its source was erased before. */
function originOf(line: string): Origin | null {
  try {
    return storedItemSchema.parse(JSON.parse(line)).origin;
  } catch {
    return null;
  }
}

/**
 * Erases all of a workbook but the pictures of its items: its sheets have the text of every row. The workbook cannot be returned
 * afterwards.
 */
async function eraseText({ archive, items }: BatchFiles['files']): Promise<void> {
  await using file = await open(archive, 'r+');
  // The directory goes last: without it, this was done before.
  if ((await findDirectory(file)) === null) return;
  const { size } = await file.stat();
  let end = 0;
  for (const picture of await picturesIn(items)) {
    await fillWithZeros(file, end, picture.offset);
    end = Math.max(end, await endOf(file, size, picture));
  }
  await file.sync();
  await file.truncate(end);
  await file.sync();
}

const PICTURE = /"offset":(\d+),"method":\d+,"compressedBytes":(\d+)/;

/** The entries that the items of a batch need, by their offset. */
async function picturesIn(items: string): Promise<Pick<EntryOrigin, 'offset' | 'compressedBytes'>[]> {
  const found = new Map<number, number>();
  for await (const line of createInterface({ input: createReadStream(items) })) {
    const [, offset, compressedBytes] = PICTURE.exec(line) ?? [];
    if (offset !== undefined) found.set(Number(offset), Number(compressedBytes));
  }
  const entries = Array.from(found, ([offset, compressedBytes]) => ({ offset, compressedBytes }));
  return entries.toSorted((one, other) => one.offset - other.offset);
}

const ZEROS = Buffer.alloc(64 * 1024);

async function fillWithZeros(file: FileHandle, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += ZEROS.length)
    await file.write(ZEROS, 0, Math.min(ZEROS.length, to - at), at);
}

/** Where the data of an entry ends in its archive. */
async function endOf(
  file: FileHandle,
  size: number,
  { offset, compressedBytes }: Pick<EntryOrigin, 'offset' | 'compressedBytes'>,
): Promise<number> {
  const header = await readAt(file, offset, LOCAL_HEADER_BYTES);
  if (header.length < LOCAL_HEADER_BYTES) return size;
  const nameAndExtra = header.readUInt16LE(26) + header.readUInt16LE(28);
  return Math.min(size, offset + LOCAL_HEADER_BYTES + nameAndExtra + compressedBytes);
}

/** The directory at the end has all names, and is not read again. */
async function eraseEntry(path: string, entry: EntryOrigin): Promise<void> {
  await using file = await open(path, 'r+');
  const directory = await findDirectory(file);
  if (directory !== null) await file.truncate(directory);
  const { size } = await file.stat();
  await fillWithZeros(file, entry.offset + LOCAL_HEADER_BYTES, await endOf(file, size, entry));
  await file.sync();
}
