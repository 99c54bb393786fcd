import { sleep } from '@pixdock/shared/runtime/clock';
import { StorageFault } from './types.js';

export interface RetryPolicy {
  /** Number of tries, including the first. */
  tries: number;
  baseMs: number;
  /** Longest pause. If OSS asks for more, the caller decides what to do. */
  capMs: number;
}

/** As in the OSS Go SDK v2 (base 200 ms, full jitter), with a shorter cap because callers retry too. */
export const RETRY_POLICY: RetryPolicy = { tries: 4, baseMs: 200, capMs: 5000 };

/** Not transient, but retried once: bytes damaged in transit, a corrected clock, and a token that has been renewed. */
const RETRIED_ONCE = new Set([
  'InvalidDigest',
  'RequestTimeTooSkewed',
  'SecurityTokenExpired',
  'InvalidSecurityToken',
]);

/**
 * Repeats `attempt` after transient faults and throttling. Calls `onRetry` before each retry.
 * @throws the last StorageFault, or the reason of the signal once it aborts
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  onRetry: (fault: StorageFault, attempt: number, delayMs: number) => void,
): Promise<T> {
  const retriedOnce = new Set<string>();
  for (let attempts = 1; ; attempts++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (thrown) {
      signal?.throwIfAborted();
      if (!(thrown instanceof StorageFault)) throw thrown;
      const delayMs = delayBeforeRetry(thrown, attempts, policy, retriedOnce);
      if (delayMs === null) throw thrown;
      onRetry(thrown, attempts, delayMs);
      await sleep(delayMs, signal);
    }
  }
}

function delayBeforeRetry(
  { facts }: StorageFault,
  attempts: number,
  policy: RetryPolicy,
  retriedOnce: Set<string>,
): number | null {
  if (attempts >= policy.tries) return null;
  if (RETRIED_ONCE.has(facts.code)) {
    if (retriedOnce.has(facts.code)) return null;
    retriedOnce.add(facts.code);
    return 0;
  }
  if (facts.kind !== 'transient' && facts.kind !== 'throttled') return null;
  const requestedMs = facts.retryAfterMs ?? 0;
  const jittered = Math.random() * Math.min(policy.capMs, policy.baseMs * 2 ** (attempts - 1));
  return requestedMs > policy.capMs ? null : Math.max(requestedMs, jittered);
}
