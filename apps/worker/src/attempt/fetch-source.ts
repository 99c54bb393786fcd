import { PixdockError } from '@pixdock/contract/error';
import { FORMATS } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import { checkSource } from '@pixdock/contract/requirements';
import { openSink, type Sink } from '@pixdock/shared/state/files/sink';
import type { SharedOrigin, SourceArrival } from '@pixdock/shared/state/folder-staging/source-arrival';
import type { FetchedSource } from '@pixdock/shared/state/images/fetched-source';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Origin } from '@pixdock/shared/state/images/origin';
import type { Needs } from '../deps.js';
import type { SourceOutcome } from '../fetch/types.js';

export type FetchOutcome =
  | { outcome: 'fetched'; source: Omit<FetchedSource, 'validator'>; validator: string | null }
  | Exclude<SourceOutcome, { outcome: 'fetched' }>;

type Deps = Needs<'staging' | 'sources', 'maxUploadBytes' | 'acceptFormats' | 'profiles'>;

/**
 * Stores the source of an image in staging for its render, and makes all checks that need no decoding.
 * @param validator of an earlier response of a URL, to leave a source that has not changed where it is
 * @throws PixdockError when the bytes are not as expected, faults of this machine, the reason of `signal`
 */
export async function fetchSource(
  deps: Deps,
  record: ImageRecord,
  from: Origin | SharedOrigin,
  signal: AbortSignal,
  validator: string | null = null,
): Promise<FetchOutcome> {
  const { config, staging, sources } = deps;
  const { maxUploadBytes: maxBytes } = config;
  await using arrivals = new AsyncDisposableStack();
  let opened: Promise<{ arrival: SourceArrival; sink: Sink }> | undefined;
  // Not before the first byte: a source that has not changed, or cannot be fetched, leaves no file to remove.
  const open = () => {
    opened ??= staging.openSourceArrival(record, from, maxBytes).then((arrival) => {
      arrivals.use(arrival);
      return { arrival, sink: openSink(arrival, { maxBytes, formats: config.acceptFormats }) };
    });
    return opened;
  };
  try {
    let brought: SourceOutcome;
    if (from.kind === 'url') {
      const request = { url: from.url, headers: from.headers, maxBytes, validator };
      brought = await sources.fetch(request, async (chunk) => (await open()).sink.write(chunk), signal);
    } else brought = await copy(await open(), record, signal);
    if (brought.outcome !== 'fetched') return brought;
    const { arrival, sink } = await open();
    const { bytes, format, sha256 } = await sink.finish();
    const { expectedSha256 } = record.internal;
    checkSource(
      { bytes, format, sha256 },
      { profile: record.profile, sha256: expectedSha256 },
      config.profiles,
    );
    await arrival.commit();
    const { filename, declaredType } = brought;
    const { mediaType } = FORMATS[format];
    const source = { filename, declaredType, bytes, sha256, mediaType };
    return { outcome: 'fetched', source, validator: brought.validator };
  } catch (error) {
    throw asSourceError(error, from);
  }
}

/** Passes a source that staging has to the sink. */
async function copy(
  { arrival, sink }: { arrival: SourceArrival; sink: Sink },
  { source: { filename }, internal: { declaredType } }: ImageRecord,
  signal: AbortSignal,
): Promise<SourceOutcome> {
  for await (const chunk of arrival.chunks()) {
    signal.throwIfAborted();
    await sink.write(chunk);
  }
  return { outcome: 'fetched', filename, declaredType, validator: null };
}

function asSourceError(error: unknown, from: Origin | SharedOrigin): unknown {
  const isGone = from.kind !== 'url' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  if (isGone) return new PixdockError('source_lost', undefined, { cause: error });
  const isEmpty = from.kind === 'url' && error instanceof PixdockError && error.code === 'empty_file';
  if (isEmpty) return new PixdockError('empty_file', detailOf('source-empty'));
  // The request is over, so report `source_too_large`, not `payload_too_large`.
  const isTooLarge = error instanceof PixdockError && error.code === 'payload_too_large';
  return isTooLarge ? new PixdockError('source_too_large', error.detail) : error;
}
