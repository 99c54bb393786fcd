import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link } from 'node:fs/promises';
import { PixdockError } from '@pixdock/contract/error';
import { externalIdOfPath } from '@pixdock/contract/external-id';
import { detailOf, locate } from '@pixdock/contract/messages/detail';
import type { NewItem } from '@pixdock/shared/state/batches/manifest-item';
import { baseName, nameAsGiven, withoutInvisible } from '@pixdock/shared/state/files/file-name';
import { detectFormat, SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { readZipEntry } from '@pixdock/shared/state/manifest/read-zip-entry';
import type { Collector } from './collector.js';
import { openHashingWriter } from './hashing-writer.js';
import { type ArchiveEntry, listArchive } from './list-archive.js';
import { newItem } from './to-item.js';

/** macOS adds a second entry for each file, and each file may be in its own folder. */
const ENTRIES_PER_ITEM = 3;

interface Archive {
  /** Where it is stored. */
  archive: string;
  /** The path of a file in staging with its bytes, if any. */
  path: string | null;
  profile: string;
  maxEntryBytes: number;
  /** Whether the entries are opened, too. */
  isDryRun: boolean;
}

/** Stores a ZIP archive and adds an item for each of its entries. Returns the SHA-256 of the archive. */
export async function receiveZip(
  chunks: AsyncIterable<Buffer>,
  { archive, path, profile, maxEntryBytes, isDryRun }: Archive,
  collector: Collector,
): Promise<string> {
  const sha256 = await receiveArchive(chunks, path, archive);
  let row = 0;
  const maxEntries = collector.maxItems * ENTRIES_PER_ITEM;
  for await (const entry of listArchive(archive, { maxEntryBytes, maxEntries })) {
    row++;
    const fault = entry.fault ?? (isDryRun ? await faultInside(archive, entry, maxEntryBytes) : null);
    await collector.add(itemOf(row, { ...entry, fault }, profile));
  }
  return sha256;
}

/** What the beginning of an entry says: that it is damaged, or no image. */
async function faultInside(
  archive: string,
  { origin }: ArchiveEntry,
  maxBytes: number,
): Promise<ArchiveEntry['fault']> {
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of readZipEntry(archive, origin, maxBytes)) {
      head = Buffer.concat([head, chunk.subarray(0, SIGNATURE_BYTES)]);
      if (head.length >= SIGNATURE_BYTES) break;
    }
  } catch (error) {
    if (error instanceof PixdockError) return { code: error.code, detail: detailOf('entry-differs', {}) };
    throw error;
  }
  if (detectFormat(head) !== null) return null;
  return { code: 'unsupported_media_type', detail: detailOf('entry-not-an-image', {}) };
}

/**
 * Stores an archive, or links the file in staging that it is already. Returns its SHA-256.
 * @param from the path of that file
 */
export function receiveArchive(
  chunks: AsyncIterable<Buffer>,
  from: string | null,
  archive: string,
): Promise<string> {
  return from === null ? storeArchive(chunks, archive) : linkArchive(chunks, from, archive);
}

async function storeArchive(chunks: AsyncIterable<Buffer>, path: string): Promise<string> {
  const writer = openHashingWriter(createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  try {
    for await (const chunk of chunks) await writer.write(chunk);
    return await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

async function linkArchive(chunks: AsyncIterable<Buffer>, from: string, to: string): Promise<string> {
  await link(from, to);
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** The path within the archive, as a folder import sends it; without the steps that lead out of the archive. */
function externalIdOf(name: string): string | null {
  const steps = withoutInvisible(name).split(/[\\/]/);
  const path = steps.filter((step) => step !== '' && step !== '.' && step !== '..').join('/');
  if (path === '') return null;
  return externalIdOfPath(path, (text) => createHash('sha256').update(text).digest('hex'));
}

function itemOf(row: number, { name, origin, fault }: ArchiveEntry, profile: string): NewItem {
  const given = nameAsGiven(name);
  return newItem({
    row,
    cells: [given],
    profile,
    externalId: externalIdOf(name),
    filename: baseName(name),
    ...(fault === null
      ? { origin }
      : { fault: storedError(fault.code, locate(fault.detail, { row, value: given })) }),
  });
}
