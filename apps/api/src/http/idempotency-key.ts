import { invalid } from './invalid.js';

/**
 * The value of Idempotency-Key, bare or quoted (a Structured Field string, as in the IETF draft); null without the header.
 * @throws PixdockError invalid_request
 */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header.trim()) ?? [];
  const key = quoted === undefined ? header.trim() : quoted.replace(/\\(["\\])/g, '$1');
  if (key.length >= 1 && key.length <= 255 && /^[\x20-\x7e]+$/.test(key)) return key;
  throw invalid('idempotency-key-malformed');
}
