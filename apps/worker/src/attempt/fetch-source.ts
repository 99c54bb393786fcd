import { createReadStream, createWriteStream } from 'node:fs';
import { link, rename } from 'node:fs/promises';
import { PixdockError } from '@pixdock/contract/error';
import { FORMATS } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import { checkSource } from '@pixdock/contract/requirements';
import { discardStream } from '@pixdock/shared/state/files/byte-writer';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { batchFiles } from '@pixdock/shared/state/files/layout';
import { removeFile } from '@pixdock/shared/state/files/optional-file';
import { openSink, type Sink } from '@pixdock/shared/state/files/sink';
import { isWhole } from '@pixdock/shared/state/files/source-file';
import type { FetchedSource } from '@pixdock/shared/state/images/fetched-source';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Origin } from '@pixdock/shared/state/images/origin';
import { readZipEntry } from '@pixdock/shared/state/manifest/read-zip-entry';
import type { Needs } from '../deps.js';
import type { SourceOutcome } from '../fetch/types.js';

/** A file in staging that becomes the source of another image. */
export interface StagedFile {
  kind: 'staged';
  path: string;
}

export type FetchOutcome =
  | { outcome: 'fetched'; source: Omit<FetchedSource, 'validator'>; validator: string | null }
  | Exclude<SourceOutcome, { outcome: 'fetched' }>;

type Deps = Needs<'staging' | 'sources', 'maxUploadBytes' | 'acceptFormats' | 'profiles'>;

/**
 * Stores the source of an image in staging for its render, and makes all checks that need no decoding.
 * @param known the validator of an earlier response of a URL, to leave a source that has not changed where it is
 * @throws PixdockError when the bytes are not as expected, faults of this machine, the reason of `signal`
 */
export async function fetchSource(
  deps: Deps,
  record: ImageRecord,
  from: Origin | StagedFile,
  signal: AbortSignal,
  known: string | null = null,
): Promise<FetchOutcome> {
  const { config, staging } = deps;
  const path = staging.layout.source(record.id);
  // An attempt that has lost the image may still be writing its own part.
  const part = `${path}.${record.internal.attemptToken}`;
  await makeFolder(staging.layout.image(record.id));
  // A file that lies in staging is linked, not copied.
  const isLinked = from.kind === 'file' || from.kind === 'staged';
  const stream = isLinked ? null : createWriteStream(part, { flags: 'wx', mode: 0o600 });
  const sink = openSink({ stream }, { maxBytes: config.maxUploadBytes, formats: config.acceptFormats });
  try {
    const brought = await bring(deps, record, from, { part, sink, known }, signal);
    if (brought.outcome !== 'fetched') return brought;
    const { filename, declaredType, validator } = brought;
    const { bytes, format, sha256 } = await sink.finish();
    const { expectedSha256 } = record.internal;
    checkSource(
      { bytes, format, sha256 },
      { profile: record.profile, sha256: expectedSha256 },
      config.profiles,
    );
    await rename(part, path);
    const { mediaType } = FORMATS[format];
    const source = { filename, declaredType, bytes, sha256, mediaType };
    return { outcome: 'fetched', source, validator };
  } catch (error) {
    throw asSourceError(error, from);
  } finally {
    if (stream !== null) await discardStream(stream);
    await removeFile(part);
  }
}

/** Passes the source to the sink. A file that lies in staging becomes `part` first, and is read there. */
async function bring(
  { config, staging, sources }: Deps,
  { batchId, source, internal }: ImageRecord,
  from: Origin | StagedFile,
  { part, sink, known: validator }: { part: string; sink: Sink; known: string | null },
  signal: AbortSignal,
): Promise<SourceOutcome> {
  const { maxUploadBytes: maxBytes } = config;
  const files = batchFiles(staging.layout.batch(batchId ?? ''));
  switch (from.kind) {
    case 'url': {
      const { url, headers } = from;
      return sources.fetch({ url, headers, maxBytes, validator }, (chunk) => sink.write(chunk), signal);
    }
    case 'entry':
      await copy(readZipEntry(files.archive, from, maxBytes), sink, signal);
      break;
    case 'file':
      await link(files.upload(from.name), part);
      if (!(await isWhole(part, from.received))) throw new PixdockError('source_lost');
      await copy(createReadStream(part), sink, signal);
      break;
    case 'staged':
      await link(from.path, part);
      await copy(createReadStream(part), sink, signal);
      break;
  }
  const { filename } = source;
  return { outcome: 'fetched', filename, declaredType: internal.declaredType, validator: null };
}

async function copy(chunks: AsyncIterable<Buffer>, sink: Sink, signal: AbortSignal): Promise<void> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    await sink.write(chunk);
  }
}

function asSourceError(error: unknown, from: Origin | StagedFile): unknown {
  const isGone = from.kind !== 'url' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  if (isGone) return new PixdockError('source_lost', undefined, { cause: error });
  const isEmpty = from.kind === 'url' && error instanceof PixdockError && error.code === 'empty_file';
  if (isEmpty) return new PixdockError('empty_file', detailOf('source-empty'));
  // The request is over, so report `source_too_large`, not `payload_too_large`.
  const isTooLarge = error instanceof PixdockError && error.code === 'payload_too_large';
  return isTooLarge ? new PixdockError('source_too_large', error.detail) : error;
}
