/**
 * Header fields that a request may have only once. Of two values a proxy in front may use the one and we the other, so that
 * what it has checked is not what we obey. Node itself refuses a second Content-Length.
 */
export const UNREPEATABLE_HEADERS = [
  'Host',
  'Authorization',
  'Content-Type',
  'Transfer-Encoding',
  'Idempotency-Key',
];

const names = new Set(UNREPEATABLE_HEADERS.map((name) => name.toLowerCase()));

/** @param rawHeaders names and values in turn, as `IncomingMessage.rawHeaders` has them */
export function hasRepeatedHeader(rawHeaders: readonly string[]): boolean {
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (!names.has(name)) continue;
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}
