import { currentClient } from '../state/session.js';
import { sendResumable } from '../upload/send-resumable.js';
import { mediaTypeOf } from './kind-of.js';
import type { Choice } from './use-check.js';

interface Options extends Choice {
  /** Whether unchanged rows become the images that they are already. */
  reuses: boolean;
  onProgress: (sentBytes: number, totalBytes: number) => void;
  signal: AbortSignal;
}

/** By the URL where its host says that nothing has changed, else by the bytes. */
const REUSE = ['url', 'content'] as const;

/** From this size on, a connection may not carry a file at once. */
const RESUMABLE_BYTES = 8 * 1024 * 1024;

/** Sends a file as a batch. @returns its id @throws PixdockApiError */
export async function sendBatch(file: File, options: Options): Promise<string> {
  const { kind, profile, columns, sheet, reuses, onProgress, signal } = options;
  if (file.size >= RESUMABLE_BYTES) {
    const pairs = Object.entries(columns).map((pair) => pair.join(':'));
    const mapping: Record<string, string> = pairs.length === 0 ? {} : { columns: pairs.join(',') };
    const ofWorkbook: Record<string, string> = sheet === undefined ? {} : { sheet };
    const reuse: Record<string, string> = reuses ? { reuse: REUSE.join(',') } : {};
    const metadata = {
      resource: 'batch',
      filetype: mediaTypeOf(kind),
      profile,
      ...mapping,
      ...ofWorkbook,
      ...reuse,
    };
    return sendResumable(file, { metadata, idempotencyKey: null, resume: null, onProgress, signal });
  }
  const batch = await currentClient().batches.create(file, {
    mediaType: mediaTypeOf(kind),
    profile,
    columns,
    sheet,
    reuse: reuses ? REUSE : undefined,
    onProgress: ({ sentBytes }) => onProgress(sentBytes, file.size),
    signal,
  });
  return batch.id;
}
