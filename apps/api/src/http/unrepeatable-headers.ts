/**
 * Headers that a request may have only once. A proxy may check one of two values and this server use the other. Node itself
 * refuses a second Content-Length.
 */
export const UNREPEATABLE_HEADERS = [
  'Host',
  'Authorization',
  'Content-Type',
  'Transfer-Encoding',
  'Idempotency-Key',
];

const names = new Set(UNREPEATABLE_HEADERS.map((name) => name.toLowerCase()));

/** @param rawHeaders alternating names and values, as in `IncomingMessage.rawHeaders` */
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
