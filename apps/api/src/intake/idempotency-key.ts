import { createHash } from 'node:crypto';
import { invalid } from './options.js';
import type { Submission } from './receive.js';

/**
 * The value of Idempotency-Key, quoted (a Structured Field string, as the draft has it) or bare; null without one.
 * @throws PixdockError invalid_request
 */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header.trim()) ?? [];
  const key = quoted === undefined ? header.trim() : quoted.replace(/\\(["\\])/g, '$1');
  if (key.length >= 1 && key.length <= 255 && /^[\x20-\x7e]+$/.test(key)) return key;
  throw invalid(
    'Idempotency-Key must be 1 to 255 printable ASCII characters.',
    'Idempotency-Key 必须为 1 到 255 个可打印 ASCII 字符。',
  );
}

/** The same for the same fields and the same file, however they were sent. */
export function fingerprintOf({ options, sha256 }: Submission): string {
  const { profile, externalId, metadata } = options;
  const sorted = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([profile, externalId, sorted, sha256]))
    .digest('hex');
}
