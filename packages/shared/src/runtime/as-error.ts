/** Whatever was thrown, as an Error whose message can go to a log. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
