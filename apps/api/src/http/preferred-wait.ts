import type { ApiContext } from './env.js';
import { invalid, unknownParameter } from './invalid.js';
import { queryOf } from './query.js';

/** The query parameter for clients that cannot set `Prefer`. */
export const WAIT_PARAMETER = 'wait';
const MAX_WAIT_SECONDS = 60;

/**
 * Seconds of `?wait=N` or else of `Prefer: wait=N` (RFC 7240), at most 60; 0 without either. Sets Preference-Applied.
 * @throws PixdockError invalid_request for another value
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
 * @throws PixdockError invalid_request if `wait`, or the header, has no valid value
 */
export function queryBesideWait(c: ApiContext): Record<string, string[]> {
  secondsOf(c);
  const { [WAIT_PARAMETER]: _, ...rest } = queryOf(c);
  return rest;
}

/** Refuses every parameter but `wait`. @throws PixdockError invalid_request */
export function refuseQueryBesideWait(c: ApiContext): void {
  const [name] = Object.keys(queryBesideWait(c));
  if (name !== undefined) throw unknownParameter(name, [WAIT_PARAMETER]);
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
    if (!/^\s*wait(?![\w-])/i.test(preference)) continue;
    const [, seconds] = /^\s*wait\s*=\s*"?(\d+)"?\s*$/i.exec(preference) ?? [];
    if (seconds === undefined) throw invalid('prefer-wait', { preference: preference.trim() });
    return Number(seconds);
  }
  return null;
}
