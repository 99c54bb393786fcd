import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { ManifestItem } from '@pixdock/shared/state/batches/manifest-item';
import { baseName, nameAsGiven } from '@pixdock/shared/state/files/file-name';
import { detectOtherFile } from '@pixdock/shared/state/files/other-file';
import { detectFormat } from '@pixdock/shared/state/files/signature';
import type { BatchArrival } from '@pixdock/shared/state/folder-staging/batch-arrival';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { openFormFields } from '../body/form-fields.js';
import { parsePart } from '../body/form-part.js';
import { FILE_AS_TEXT } from '../body/form-problems.js';
import { ignoredBatchField } from '../body/ignored-field.js';
import { isOption } from '../body/options.js';
import { readParts } from '../body/parts.js';
import { invalid } from '../http/invalid.js';
import type { Warning } from '../http/warnings.js';
import { detectWorkbook } from './batch-format.js';
import type { Collector } from './collector.js';
import { openHashingWriter } from './hashing-writer.js';
import { newItem } from './to-item.js';
import { receiveArchive } from './zip.js';

interface ReceivedFiles {
  /** The only file is a workbook, which is now the archive of the batch. The name of an image would outlive the image. */
  workbook: { sha256: string; filename: string | null } | null;
  /** Hex; of the digests of all files. */
  sha256: string;
  /** The field of this name; null without it. */
  reuse: string | null;
  warnings: Warning[];
}

/** Stores the files of a multipart form, whatever the names of their parts, and adds an item for each. */
export async function receiveFiles(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  { arrival, profile, maxFileBytes }: { arrival: BatchArrival; profile: string; maxFileBytes: number },
  collector: Collector,
): Promise<ReceivedFiles> {
  const all = createHash('sha256');
  const texts = openFormFields();
  let row = 0;
  let workbook: ReceivedFiles['workbook'] = null;
  const last = { name: '', head: Buffer.alloc(0) };
  await readParts(chunks, contentType, async (part) => {
    const { name: partName, filename, type, isFile } = parsePart(part);
    if (!isFile) return texts.read(partName, part.content);
    texts.noteFile(partName);
    collector.checkItemLimit();
    if (workbook !== null) throw WORKBOOK_BESIDE_FILES();
    const { isWorkbook, chunks: content } =
      row === 0 ? await detectWorkbook(part.content) : { isWorkbook: false, chunks: part.content };
    if (isWorkbook) {
      const sha256 = await receiveArchive(content, null, arrival.archive);
      workbook = { sha256, filename: baseName(filename ?? '') };
      return;
    }
    const place = String(row);
    const { bytes, sha256, head } = await storeFile(content, arrival, place, maxFileBytes);
    // A browser sends an input without a selected file as an empty part without a file name.
    if (filename === '' && bytes === 0) return;
    row++;
    all.update(sha256);
    const name = baseName(filename ?? '');
    Object.assign(last, { name: name ?? '', head });
    const cells = [nameAsGiven(filename ?? '')];
    const source =
      bytes > 0 && bytes <= maxFileBytes
        ? { origin: { kind: 'file' as const, name: place, received: { bytes, sha256 } } }
        : { fault: faultOf(row, name ?? '', bytes, maxFileBytes) };
    await collector.add(newItem({ row, cells, profile, filename: name, declaredType: type, ...source }));
  });
  const { fields } = texts;
  for (const [name, value] of fields)
    if (value !== '' && isOption(name)) throw invalid('batch-part', { name });
  if (row === 0 && workbook === null && fields.has('file')) throw FILE_AS_TEXT();
  if (row === 1) refuseBatchFile(last);
  const ignored = texts.ignored().filter((name) => name !== 'reuse');
  const reuse = fields.get('reuse') || null;
  return { workbook, sha256: all.digest('hex'), reuse, warnings: ignored.map(ignoredBatchField) };
}

/** Stores a file; an empty or too large file is read to its end and removed. */
async function storeFile(
  content: AsyncIterable<Buffer>,
  arrival: BatchArrival,
  place: string,
  maxBytes: number,
): Promise<{ bytes: number; sha256: string; head: Buffer<ArrayBuffer> }> {
  const stream = await arrival.file(place);
  const writer = openHashingWriter(stream);
  try {
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes <= maxBytes) await writer.write(chunk);
    }
    const sha256 = await writer.finish();
    if (bytes === 0 || bytes > maxBytes) await rm(stream.path);
    return { bytes, sha256, head: writer.head() };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

const BATCH_FILE = /\.(?:csv|tsv|json|jsonl|ndjson|xlsx?|zip)$/i;

/** A form with nothing but an archive or a sheet was meant as a whole batch. @throws PixdockError unsupported_media_type */
function refuseBatchFile({ name, head }: { name: string; head: Buffer }): void {
  if (!BATCH_FILE.test(name) || detectFormat(head) !== null) return;
  const kind = detectOtherFile(head);
  const reason = kind === 'zip' ? 'archive-in-form' : 'sheet-in-form';
  throw new PixdockError('unsupported_media_type', detailOf(reason));
}

const WORKBOOK_BESIDE_FILES = () =>
  new PixdockError('unsupported_media_type', detailOf('workbook-beside-files'));

function faultOf(row: number, name: string, bytes: number, maxBytes: number): ManifestItem['fault'] {
  const [code, detail] =
    bytes === 0
      ? (['empty_file', detailOf('file-empty', { row, value: name })] as const)
      : (['source_too_large', detailOf('file-too-large', { row, value: name, max: maxBytes })] as const);
  return storedError(code, detail);
}
