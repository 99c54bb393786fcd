import type { Batch } from '@pixdock/client';
import { language } from '../state/preferences.js';
import { apiKey } from '../state/session.js';
import { send } from '../upload/send.js';
import { newIdempotencyKey } from '../upload/upload.js';
import { mediaTypeOf, type SheetKind } from './kind-of.js';

interface Options {
  kind: SheetKind;
  profile: string;
  /** The parameter `columns`, for CSV. */
  columns: Readonly<Record<string, string>>;
  onProgress: (sentBytes: number, totalBytes: number) => void;
  signal: AbortSignal;
}

/** Sends a file as a batch. @throws PixdockApiError */
export function sendBatch(
  file: File,
  { kind, profile, columns, onProgress, signal }: Options,
): Promise<Batch> {
  const query = new URLSearchParams({ profile });
  const pairs = Object.entries(columns).map((pair) => pair.join(':'));
  if (pairs.length > 0) query.set('columns', pairs.join(','));
  return send<Batch>({
    url: `v1/batches?${query}`,
    headers: {
      Authorization: `Bearer ${apiKey.value ?? ''}`,
      'Accept-Language': language.value,
      'Content-Type': mediaTypeOf(kind),
      'Idempotency-Key': `"${newIdempotencyKey()}"`,
    },
    body: file,
    onProgress,
    signal,
  });
}
