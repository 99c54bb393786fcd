import { createReadStream, createWriteStream } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { PixdockError } from '@pixdock/contract/error';
import { FORMATS } from '@pixdock/contract/media-type';
import { checkSource } from '@pixdock/contract/requirements';
import { abandon, makeFolder } from '@pixdock/shared/state/files/durable';
import { batchFiles } from '@pixdock/shared/state/files/layout';
import { openSink, type Sink } from '@pixdock/shared/state/files/sink';
import { isWhole } from '@pixdock/shared/state/files/source-file';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { Origin } from '@pixdock/shared/state/records/origin';
import type { FetchedSource } from '@pixdock/shared/state/records/transitions';
import { readEntry } from '../batches/read-entry.js';
import type { WorkerDeps } from '../deps.js';
import type { SourceOutcome } from '../fetch/types.js';

interface Parts extends Pick<WorkerDeps, 'staging' | 'sources'> {
  config: Pick<WorkerDeps['config'], 'maxUploadBytes' | 'acceptFormats' | 'profiles'>;
}
type Told = Pick<Extract<SourceOutcome, { outcome: 'fetched' }>, 'declaredType' | 'filename'>;

/** Of an image that was accepted there is no request any more whose payload it could be. */
const isTooLarge = (error: unknown): error is PixdockError =>
  error instanceof PixdockError && error.code === 'payload_too_large';

export type Brought =
  | { outcome: 'here'; source: FetchedSource }
  | Exclude<SourceOutcome, { outcome: 'fetched' }>;

/** A file that already lies in staging and is to be the source of one more image. */
export interface StagedFile {
  kind: 'staged';
  path: string;
}

/**
 * Puts the bytes of an image where its render looks for them, and checks all that can be known without decoding.
 * @throws PixdockError where the bytes are not what they should be, faults of this machine, the reason of `signal`
 */
export async function bringSource(
  { config, staging, sources }: Parts,
  record: ImageRecord,
  from: Origin | StagedFile,
  signal: AbortSignal,
): Promise<Brought> {
  const path = staging.layout.source(record.id);
  // Two attempts may be at it, of which one does not know yet that it has lost the image.
  const part = `${path}.${record.internal.holder}`;
  await makeFolder(staging.layout.image(record.id));
  const held = heldFile(from);
  const stream = held === null ? createWriteStream(part, { flags: 'wx', mode: 0o600 }) : null;
  const sink = openSink({ stream }, { maxBytes: config.maxUploadBytes, formats: config.acceptFormats });
  try {
    if (held !== null) await link(held, part);
    if (from.kind === 'file' && from.came !== undefined && !(await isWhole(part, from.came)))
      throw new PixdockError('source_lost');
    const told = await read(from, sink, signal);
    if ('outcome' in told) return told;
    const received = await sink.finish();
    const { expectedSha256: sha256 } = record.internal;
    checkSource(received, { profile: record.profile, sha256 }, config.profiles);
    await rename(part, path);
    const { bytes, format } = received;
    const source = { ...told, bytes, sha256: received.sha256, mediaType: FORMATS[format].mediaType };
    return { outcome: 'here', source };
  } catch (error) {
    const isGone = from.kind !== 'url' && (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isGone) throw new PixdockError('source_lost', undefined, { cause: error });
    throw isTooLarge(error) ? new PixdockError('source_too_large', error.detail) : error;
  } finally {
    if (stream !== null) await abandon(stream);
    await rm(part, { force: true });
  }

  // What lies in staging already is linked, not copied.
  function heldFile(origin: Origin | StagedFile): string | null {
    if (origin.kind === 'staged') return origin.path;
    return origin.kind === 'file' ? filesOfBatch().upload(origin.name) : null;
  }

  async function read(origin: Origin | StagedFile, into: Sink, until: AbortSignal) {
    if (origin.kind === 'url') return fetchUrl(origin, into, until);
    const chunks =
      origin.kind === 'entry'
        ? readEntry(filesOfBatch().archive, origin, config.maxUploadBytes)
        : createReadStream(part);
    for await (const chunk of chunks) {
      until.throwIfAborted();
      await into.write(chunk as Buffer);
    }
    return { filename: record.source.filename, declaredType: record.internal.declaredType } satisfies Told;
  }

  async function fetchUrl(
    { url, headers }: Extract<Origin, { kind: 'url' }>,
    into: Sink,
    until: AbortSignal,
  ) {
    const request = { url, headers, maxBytes: config.maxUploadBytes };
    const fetched = await sources.fetch(request, (chunk) => into.write(chunk), until);
    if (fetched.outcome !== 'fetched') return fetched;
    const { filename, declaredType } = fetched;
    return { filename, declaredType } satisfies Told;
  }

  function filesOfBatch() {
    return batchFiles(staging.layout.batch(record.batchId ?? ''));
  }
}
