import { createWriteStream } from 'node:fs';
import { locate } from '@pixdock/contract/messages/detail';
import { baseName, nameAsGiven } from '@pixdock/shared/state/files/file-name';
import type { NewItem } from '@pixdock/shared/state/records/manifest-item';
import { storedError } from '@pixdock/shared/state/records/stored-error';
import type { Collector } from './collector.js';
import { openHashingWriter } from './hashing-writer.js';
import { type ArchiveEntry, listArchive } from './list-archive.js';

/** macOS adds a second entry for each file, and each file may be in its own folder. */
const ENTRIES_PER_ITEM = 3;

/** Keeps a ZIP archive and makes its entries items. Returns the SHA-256 of the archive. */
export async function receiveZip(
  chunks: AsyncIterable<Buffer>,
  { archive, profile, maxEntryBytes }: { archive: string; profile: string; maxEntryBytes: number },
  collector: Collector,
): Promise<string> {
  const sha256 = await keep(chunks, archive);
  let row = 0;
  const maxEntries = collector.maxItems * ENTRIES_PER_ITEM;
  for await (const entry of listArchive(archive, { maxEntryBytes, maxEntries })) {
    row++;
    await collector.add(itemOf(row, entry, profile));
  }
  return sha256;
}

async function keep(chunks: AsyncIterable<Buffer>, path: string): Promise<string> {
  const store = openHashingWriter(createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  try {
    for await (const chunk of chunks) await store.write(chunk);
    return await store.finish();
  } catch (error) {
    await store.abandon();
    throw error;
  }
}

function itemOf(row: number, { name, origin, fault }: ArchiveEntry, profile: string): NewItem {
  const filename = baseName(name);
  return {
    row,
    cells: [nameAsGiven(name)],
    profile,
    externalId: filename,
    metadata: {},
    sha256: null,
    filename,
    declaredType: null,
    origin: fault === null ? origin : null,
    fault:
      fault === null
        ? null
        : storedError(fault.code, locate(fault.detail, { row, value: nameAsGiven(name) })),
  };
}
