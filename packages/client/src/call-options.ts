import { meantName } from '@pixdock/contract/similar-name';

/** Options of every call. */
export interface CallOptions {
  /** Aborts the call, which then throws its reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Refuses an option that the call does not have: in JavaScript nothing else would notice it.
 * @throws TypeError
 */
export function checkOptions(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = meantName(unknown, known);
  const hint = meant === undefined ? known.join(', ') : meant;
  throw new TypeError(`options.${unknown}: unknown; ${meant === undefined ? 'known' : 'write'}: ${hint}`);
}
