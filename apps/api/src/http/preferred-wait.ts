import type { ApiContext } from './env.js';
import { invalid } from './invalid.js';
import { hasQuery, queryOf } from './query.js';

/** The query parameter for clients that cannot set `Prefer`. */
export const WAIT_PARAMETER = 'wait';
const MAX_WAIT_SECONDS = 60;

/**
 * Seconds of `?wait=N` or else of `Prefer: wait=N` (RFC 7240), at most 60; 0 without either. Sets Preference-Applied.
 * @throws PixdockError invalid_request for another value of `?wait`
 */
export function preferredWaitSeconds(c: ApiContext): number {
  const seconds = secondsOf(c);
  if (seconds === null) return 0;
  const applied = Math.min(seconds, MAX_WAIT_SECONDS);
  c.header('Preference-Applied', `wait=${applied}`);
  return applied;
}

/** Whether the request says how long it waits, which its response repeats. */
export const statesWait = (c: ApiContext): boolean => secondsOf(c) !== null;

/**
 * The query of a route that waits, without `wait`.
 * @throws PixdockError invalid_request if `wait` has no valid value
 */
export function queryBesideWait(c: ApiContext): Record<string, string[]> {
  secondsOfQuery(c);
  const { [WAIT_PARAMETER]: _, ...rest } = queryOf(c);
  return rest;
}

/** Refuses every parameter but `wait`. @throws PixdockError invalid_request */
export function refuseQueryBesideWait(c: ApiContext): void {
  if (!hasQuery(c)) return;
  const [name] = Object.keys(queryBesideWait(c));
  if (name !== undefined) throw invalid('unknown-parameter', { name });
}

const secondsOf = (c: ApiContext) => secondsOfQuery(c) ?? secondsOfHeader(c.req.header('Prefer'));

function secondsOfQuery(c: ApiContext): number | null {
  const [value, ...more] = queryOf(c)[WAIT_PARAMETER] ?? [];
  if (value === undefined) return null;
  if (more.length > 0) throw invalid('repeated', { parameter: WAIT_PARAMETER });
  if (!/^\d+$/.test(value)) throw invalid('not-seconds', { parameter: WAIT_PARAMETER, value });
  return Number(value);
}

function secondsOfHeader(prefer: string | undefined): number | null {
  if (prefer === undefined) return null;
  for (const preference of prefer.split(/[,;]/)) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d+)"?\s*$/i.exec(preference) ?? [];
    if (seconds !== undefined) return Number(seconds);
  }
  return null;
}
