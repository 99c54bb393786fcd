import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import { declaredType } from '@pixdock/shared/state/files/declared-type';
import { baseName, nameAsGiven } from '@pixdock/shared/state/files/file-name';
import type { ManifestItem } from '@pixdock/shared/state/records/manifest-item';
import { storedError } from '@pixdock/shared/state/records/stored-error';
import { parseDisposition } from '../body/disposition.js';
import { FILE_AS_TEXT, MALFORMED, notTheFile } from '../body/form-problems.js';
import { type Part, readParts } from '../body/parts.js';
import { invalid } from '../http/invalid.js';
import type { Collector } from './collector.js';
import { openHashingWriter } from './hashing-writer.js';

/** Stores the files of a multipart form and adds an item for each. Returns a SHA-256 of all files. */
export async function receiveFiles(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  { arrival, profile, maxFileBytes }: { arrival: BatchArrival; profile: string; maxFileBytes: number },
  collector: Collector,
): Promise<string> {
  const all = createHash('sha256');
  let row = 0;
  await readParts(chunks, contentType, async (part) => {
    const { filename, type } = checkPart(part);
    collector.checkItemLimit();
    const place = String(row++);
    const { bytes, sha256 } = await storeFile(part.content, arrival, place, maxFileBytes);
    all.update(sha256);
    const name = baseName(filename);
    await collector.add({
      row,
      cells: [nameAsGiven(filename)],
      profile,
      externalId: null,
      metadata: {},
      sha256: null,
      filename: name,
      declaredType: type,
      ...(bytes > 0 && bytes <= maxFileBytes
        ? { origin: { kind: 'file', name: place, came: { bytes, sha256 } }, fault: null }
        : { origin: null, fault: faultOf(row, name ?? '', bytes, maxFileBytes) }),
    });
  });
  return all.digest('hex');
}

function checkPart({ headers }: Part): { filename: string; type: string | null } {
  const disposition = parseDisposition(headers['content-disposition']?.[0] ?? '');
  if (disposition === null) throw MALFORMED();
  const type = declaredType(headers['content-type']?.[0]);
  const { name, filename } = disposition;
  const isFile = filename !== undefined || type === 'application/octet-stream';
  if (!isFile) throw name === 'file' ? FILE_AS_TEXT() : FIELD(name);
  if (name !== 'file') throw notTheFile(name);
  return { filename: filename ?? '', type };
}

/** Stores a file; an empty or too large file is read to its end and removed. */
async function storeFile(
  content: AsyncIterable<Buffer>,
  arrival: BatchArrival,
  place: string,
  maxBytes: number,
): Promise<{ bytes: number; sha256: string }> {
  const stream = arrival.file(place);
  const writer = openHashingWriter(stream);
  try {
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes <= maxBytes) await writer.write(chunk);
    }
    const sha256 = await writer.finish();
    if (bytes === 0 || bytes > maxBytes) await rm(stream.path);
    return { bytes, sha256 };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

function faultOf(row: number, name: string, bytes: number, maxBytes: number): ManifestItem['fault'] {
  const [code, detail] =
    bytes === 0
      ? (['empty_file', detailOf('file-empty', { row, value: name })] as const)
      : (['source_too_large', detailOf('file-too-large', { row, value: name, max: maxBytes })] as const);
  return storedError(code, detail);
}

const FIELD = (name: string) => invalid('batch-part', { name });
