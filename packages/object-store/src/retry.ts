import { setTimeout as sleep } from 'node:timers/promises';
import { StorageFault } from './types.js';

export interface RetryPolicy {
  /** All tries, the first included. */
  tries: number;
  baseMs: number;
  /** The longest pause. OSS asking for more is left to the caller, who can spend the time better. */
  capMs: number;
}

/** The pace of OSS's Go SDK v2 (base 200 ms, full jitter), with a shorter cap as our caller retries too. */
export const RETRY_POLICY: RetryPolicy = { tries: 4, baseMs: 200, capMs: 5000 };

/** Permanent by kind, but worth one more try: bytes damaged on the way; a clock the caller has corrected since. */
const RETRIED_ONCE = new Set(['InvalidDigest', 'RequestTimeTooSkewed']);

/**
 * Repeats `attempt` while its StorageFault may pass. Throws the last fault, or the signal's reason once aborted.
 * `onRetry` hears of each fault that is going to be tried again.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  onRetry: (fault: StorageFault, attempt: number, delayMs: number) => void,
): Promise<T> {
  const retriedOnce = new Set<string>();
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (thrown) {
      signal?.throwIfAborted();
      if (!(thrown instanceof StorageFault)) throw thrown;
      const delayMs = delayBeforeRetry(thrown, tried, policy, retriedOnce);
      if (delayMs === null) throw thrown;
      onRetry(thrown, tried, delayMs);
      await pause(delayMs, signal);
    }
  }
}

function delayBeforeRetry(
  { facts }: StorageFault,
  tried: number,
  policy: RetryPolicy,
  retriedOnce: Set<string>,
): number | null {
  if (tried >= policy.tries) return null;
  if (RETRIED_ONCE.has(facts.code)) {
    if (retriedOnce.has(facts.code)) return null;
    retriedOnce.add(facts.code);
    return 0;
  }
  if (facts.kind !== 'transient' && facts.kind !== 'throttled') return null;
  const asked = facts.retryAfterMs ?? 0;
  const jittered = Math.random() * Math.min(policy.capMs, policy.baseMs * 2 ** (tried - 1));
  return asked > policy.capMs ? null : Math.max(asked, jittered);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (aborted) {
    throw signal?.reason ?? aborted;
  }
}
