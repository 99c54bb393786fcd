import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { PixdockError } from '@pixdock/contract/error';
import type { ImageFormat } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { SourceFacts } from '@pixdock/contract/requirements';
import { openWriter } from './byte-writer.js';
import { detectOtherFile } from './other-file.js';
import { detectFormat, SIGNATURE_BYTES } from './signature.js';

export interface SinkLimits {
  maxBytes: number;
  formats: readonly ImageFormat[];
}

/**
 * Counts, hashes and checks a source while it is received, and writes it to `stream` unless that is null. Buffers only the
 * first bytes, to detect the format.
 */
export function openSink({ stream }: { stream: Writable | null }, limits: SinkLimits) {
  const hash = createHash('sha256');
  let bytes = 0;
  let head = Buffer.alloc(0);
  let format: ImageFormat | null = null;
  const file = stream === null ? null : openWriter(stream);

  return {
    /** @throws PixdockError payload_too_large, unsupported_media_type, heic_unsupported as early as possible */
    async write(chunk: Buffer): Promise<void> {
      bytes += chunk.length;
      if (bytes > limits.maxBytes) throw tooLarge(limits.maxBytes);
      hash.update(chunk);
      if (format === null) {
        head = Buffer.concat([head, chunk.subarray(0, SIGNATURE_BYTES - head.length)]);
        if (head.length === SIGNATURE_BYTES) format = accept(head, limits.formats);
      }
      await file?.write(chunk);
    },

    /** @throws PixdockError empty_file, or as `write` */
    async finish(): Promise<SourceFacts> {
      if (bytes === 0) throw new PixdockError('empty_file');
      const known = format ?? accept(head, limits.formats);
      await file?.end();
      return { bytes, sha256: hash.digest('hex'), format: known };
    },
  };
}

export type Sink = ReturnType<typeof openSink>;

/** The error for a file of more than `maxBytes`; of `bytes`, if its size is known. */
export function tooLarge(maxBytes: number, bytes?: number): PixdockError {
  return new PixdockError('payload_too_large', detailOf('file-over-limit', { max: maxBytes, bytes }));
}

function accept(head: Buffer, formats: readonly ImageFormat[]): ImageFormat {
  const detected = detectFormat(head);
  if (detected === 'avis') throw new PixdockError('unsupported_media_type', detailOf('avif-animation'));
  if (detected === 'jxl') throw new PixdockError('unsupported_media_type', detailOf('jpeg-xl'));
  if (detected !== null && formats.includes(detected)) return detected;
  if (detected === 'heic') throw new PixdockError('heic_unsupported');
  if (detected !== null)
    throw new PixdockError(
      'unsupported_media_type',
      detailOf('format-switched-off', { format: detected, formats }),
    );
  const other = detectOtherFile(head);
  const reason = other === null ? 'format-not-accepted' : (`${other}-refused` as const);
  throw new PixdockError('unsupported_media_type', detailOf(reason, { formats }));
}
