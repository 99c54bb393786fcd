import type { ApiContext } from './env.js';

const MAX_WAIT_SECONDS = 60;

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 60; 0 without it. Sets Preference-Applied. */
export function preferredWaitSeconds(c: ApiContext): number {
  const preferences = (c.req.header('Prefer') ?? '').split(/[,;]/);
  for (const preference of preferences) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d+)"?\s*$/i.exec(preference) ?? [];
    if (seconds === undefined) continue;
    const applied = Math.min(Number(seconds), MAX_WAIT_SECONDS);
    c.header('Preference-Applied', `wait=${applied}`);
    return applied;
  }
  return 0;
}
