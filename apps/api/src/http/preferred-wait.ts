import type { ApiContext } from './env.js';

const MAX_WAIT_SECONDS = 60;

/** Seconds of `Prefer: wait=N` (RFC 7240), clamped to 60; 0 when absent. Says in the answer what held. */
export function preferredWaitSeconds(c: ApiContext): number {
  const preferences = (c.req.header('Prefer') ?? '').split(/[,;]/);
  for (const preference of preferences) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d+)"?\s*$/i.exec(preference) ?? [];
    if (seconds === undefined) continue;
    const held = Math.min(Number(seconds), MAX_WAIT_SECONDS);
    c.header('Preference-Applied', `wait=${held}`);
    return held;
  }
  return 0;
}
