import type { StorageFault } from '@pixdock/object-store/types';
import { backoffMs, isoTime } from '@pixdock/shared/runtime/clock';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { StorageHealth } from '@pixdock/shared/state/service/storage-health';
import type { Needs } from '../deps.js';
import type { WorkerEvents } from '../events.js';
import { type Permit, retryAfter, type Wait } from './permit.js';

const BASE_MS = 500;
const CAP_MS = 15_000;
/** A proxy in front of OSS may ask for any time; no image waits longer before OSS is tried again. */
const MAX_RETRY_AFTER_MS = 60_000;
/** Images that wait with their output come back within this time. If none did, a new image must be the probe. */
const UNTRIED_MS = 30_000;

/** If a probe ends without a result, the next put is one. */
export interface OssPermit extends Permit {
  recordSuccess(): void;
  /**
   * OSS failed for a reason that is not the image's. A call that began before the latest pause does not prolong it, unless OSS
   * names a time: calls that fail together are one failure.
   */
  recordFailure(fault: StorageFault): void;
}

/** Keeps a worker from hammering an OSS in trouble, and tells operators: one event, and `/readyz`. */
export function openCircuitBreaker(
  health: StorageHealth,
  events: Pick<WorkerEvents, 'storageFailed' | 'storageRecovered'>,
) {
  let failures = 0;
  let openedAt = 0;
  let since = '';
  let openUntil = 0;
  let askedUntil = 0;
  let last: StorageFault | undefined;
  const pausedUntil = () => Math.max(openUntil, askedUntil);
  const isOpen = () => failures > 0 && performance.now() < pausedUntil();

  function open(): void {
    failures++;
    openedAt = performance.now();
    openUntil = openedAt + backoffMs(failures, BASE_MS, CAP_MS);
  }

  function stayOpen(retryAfterMs: number): void {
    const latest = openedAt + MAX_RETRY_AFTER_MS;
    askedUntil = Math.max(askedUntil, Math.min(performance.now() + retryAfterMs, latest));
  }

  function recordSuccess(): void {
    openUntil = 0;
    askedUntil = 0;
    last = undefined;
    if (failures === 0) return;
    failures = 0;
    events.storageRecovered(since);
    // The report expires.
    health.clear().catch(() => {});
  }

  function recordFailure(fault: StorageFault, beganAt: number): void {
    const { facts } = fault;
    last = fault;
    const isFirst = failures === 0;
    if (isFirst) since = isoTime();
    if (isFirst || beganAt >= openedAt) open();
    if (facts.retryAfterMs !== null) stayOpen(facts.retryAfterMs);
    events.storageFailed(fault, isFirst);
    // The next failure reports again.
    health.report({ code: facts.code, since, fix: facts.fix }).catch(() => {});
  }

  return {
    /** `half-open`: the next put is a probe. */
    state: (): 'closed' | 'half-open' | 'open' => (isOpen() ? 'open' : failures > 0 ? 'half-open' : 'closed'),
    /** For one use of OSS. Half-open, after a pause, it lets one put through, and every removal. */
    acquire(operation: 'put' | 'remove'): OssPermit | Wait {
      const beganAt = performance.now();
      if (isOpen()) return retryAfter(pausedUntil() - beganAt);
      const probeUntil = failures > 0 && operation === 'put' ? beganAt + CAP_MS : null;
      openUntil = probeUntil ?? openUntil;
      return {
        recordSuccess,
        recordFailure: (fault) => recordFailure(fault, beganAt),
        [Symbol.dispose]() {
          // A failure since the probe began has set another time.
          if (failures > 0 && openUntil === probeUntil) openUntil = performance.now();
        },
      };
    },
    /** Whether no put has tested a failing OSS for 30 seconds. True once, then false for the next 30 seconds. */
    tryProbe(): boolean {
      const now = performance.now();
      if (failures === 0 || now < pausedUntil() + UNTRIED_MS) return false;
      openUntil = now;
      return true;
    },
    /** The latest fault of OSS; undefined while OSS works. */
    lastFault: () => last,
  };
}

export type CircuitBreaker = ReturnType<typeof openCircuitBreaker>;

/** The circuit breaker of an image's bucket: a fault of one bucket does not hold images of the other. */
export const breakerOf = (
  { breaker, privateBreaker, config }: Needs<'breaker' | 'privateBreaker', 'profiles'>,
  { profile }: Pick<ImageRecord, 'profile'>,
): CircuitBreaker => (config.profiles.get(profile)?.visibility === 'private' ? privateBreaker : breaker);
