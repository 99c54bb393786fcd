import { createReadStream } from 'node:fs';
import { checkSource } from '@pixdock/contract/requirements';
import { openSink } from '@pixdock/shared/state/files/sink';
import type { TargetImage, UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import type { SubmittedBytes } from '../body/submission.js';
import type { Parts } from '../deps.js';

/**
 * Checks the bytes of a resumable upload like those of a request.
 * @throws PixdockError as `receive`
 */
export async function readUploadedImage(
  { staging, config }: Parts<'staging' | 'config'>,
  { id, length }: UploadEntry,
  { options, filename, declaredType }: TargetImage,
): Promise<SubmittedBytes> {
  const sink = openSink({ stream: null }, { maxBytes: length, formats: config.acceptFormats });
  for await (const chunk of createReadStream(staging.uploads.pathOf(id))) await sink.write(chunk as Buffer);
  const received = await sink.finish();
  checkSource(received, options, config.profiles);
  return { kind: 'bytes', ...received, options, filename, declaredType, warnings: [] };
}
