import { open } from 'node:fs/promises';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { FORMATS, IMAGE_FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import { detectFormat, SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import { collect } from './collect.js';
import type { OrderResult } from './decoder.js';
import { refused } from './refusal.js';
import type { RenderOutcome, RenderTask } from './types.js';

/** The result of one try. `lost` means that the child ended; `code` applies if the image turns out to be the cause. */
export type TryResult = RenderOutcome | { outcome: 'lost'; code: ErrorCode };

/** Turns the report of the child, which a hostile image may control, into the result of a try. */
export async function toTryResult(
  orderResult: OrderResult,
  { sourcePath, profile, declaredType }: RenderTask,
  folder: string,
  isDiskFull: (folder: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<TryResult> {
  switch (orderResult.type) {
    case 'rendered': {
      const [format, collection] = await Promise.all([
        readFormat(sourcePath),
        collect(orderResult, profile, folder),
      ]);
      if (format === null || collection === null) return lost('processing_crashed');
      const { collected, bodies } = collection;
      // Do not rely on the child for facts that the worker knows.
      const source = { ...collected.source, format };
      const detectedType = FORMATS[format].mediaType;
      const receipt = {
        ...collected.receipt,
        declaredType,
        detectedType,
        profileVersion: profileVersion(profile),
      };
      return { outcome: 'rendered', rendered: { ...collected, source, receipt }, bodies };
    }
    case 'refused':
      return { outcome: 'refused', code: orderResult.code, detail: orderResult.detail };
    case 'fault': {
      // A hostile child could report a full disk to make its image wait forever.
      const isCredible =
        orderResult.code !== null && (orderResult.code !== 'ENOSPC' || (await isDiskFull(folder)));
      throw Object.assign(new Error(orderResult.message), isCredible ? { code: orderResult.code } : {});
    }
    case 'timeout':
      return refused('processing_timeout');
    case 'memory':
      return lost('image_too_complex');
    case 'aborted':
      throw signal.reason;
    default:
      return lost('processing_crashed');
  }
}

async function readFormat(sourcePath: string): Promise<ImageFormat | null> {
  const file = await open(sourcePath, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
    const detected = detectFormat(buffer.subarray(0, bytesRead));
    return IMAGE_FORMATS.find((format) => format === detected) ?? null;
  } finally {
    await file.close();
  }
}

const lost = (code: ErrorCode): TryResult => ({ outcome: 'lost', code });
