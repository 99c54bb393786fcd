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

/** Keeps the files of a multipart form and makes them items. Returns a SHA-256 of all of them. */
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
    collector.expectOne();
    const place = String(row++);
    const { bytes, sha256 } = await keep(part.content, arrival, place, maxFileBytes);
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

/** Of a file that is empty or too large nothing stays, and what comes of it is dropped. */
async function keep(
  content: AsyncIterable<Buffer>,
  arrival: BatchArrival,
  place: string,
  maxBytes: number,
): Promise<{ bytes: number; sha256: string }> {
  const stream = arrival.file(place);
  const store = openHashingWriter(stream);
  try {
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes <= maxBytes) await store.write(chunk);
    }
    const sha256 = await store.finish();
    if (bytes === 0 || bytes > maxBytes) await rm(stream.path);
    return { bytes, sha256 };
  } catch (error) {
    await store.abandon();
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
