import type { StorageFault } from '@pixdock/object-store/types';
import { backoffMs, isoTime } from '@pixdock/shared/runtime/clock';
import type { StorageHealth } from '@pixdock/shared/state/records/storage-health';
import type { WorkerEvents } from '../events.js';

const BASE_MS = 500;
const CAP_MS = 15_000;
/** A proxy in front of OSS may ask for any time; no image waits longer before OSS is tried again. */
const MAX_RETRY_AFTER_MS = 60_000;
/** Images that wait with their output come back within this time. If none did, a new image must be the probe. */
const UNTRIED_MS = 30_000;

export interface CircuitBreaker {
  /** `half-open`: the next call is a probe. */
  state(): 'closed' | 'half-open' | 'open';
  /** Whether `tryAcquire` would return false now. */
  isOpen(): boolean;
  /** Whether OSS may be called now. Half-open, after a pause, it lets one probe through. */
  tryAcquire(): boolean;
  /**
   * A call ended without a response of OSS: if it was the probe, the next call is one.
   * @param beganAt of the call, by `performance.now()`
   */
  abandon(beganAt: number): void;
  /** Whether no call has tested a failing OSS for 30 seconds. True once, then false for the next 30 seconds. */
  tryProbe(): boolean;
  /** The latest fault of OSS; undefined while OSS works. */
  lastFault(): StorageFault | undefined;
  recordSuccess(): void;
  /**
   * OSS failed for a reason that is not the image's. A call that began before the latest pause prolongs it only if OSS asks for
   * that: calls that fail together are one failure.
   * @param beganAt of the call, by `performance.now()`
   */
  recordFailure(fault: StorageFault, beganAt: number): void;
}

/** Keeps a worker from hammering an OSS in trouble, and tells operators: one event, and `/readyz`. */
export function openCircuitBreaker(
  health: StorageHealth,
  events: Pick<WorkerEvents, 'storageFailed' | 'storageRecovered'>,
): CircuitBreaker {
  let failures = 0;
  let openedAt = 0;
  let since = '';
  let openUntil = 0;
  let askedUntil = 0;
  let probeUntil = 0;
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

  return {
    state: () => (isOpen() ? 'open' : failures > 0 ? 'half-open' : 'closed'),
    isOpen,
    tryAcquire() {
      if (isOpen()) return false;
      if (failures === 0) return true;
      openUntil = probeUntil = performance.now() + CAP_MS;
      return true;
    },
    abandon(beganAt) {
      // A failure since the probe began has set another time.
      if (failures > 0 && openUntil === probeUntil && beganAt >= openedAt) openUntil = performance.now();
    },
    tryProbe() {
      const now = performance.now();
      if (failures === 0 || now < pausedUntil() + UNTRIED_MS) return false;
      openUntil = now;
      return true;
    },
    lastFault: () => last,
    recordSuccess() {
      openUntil = 0;
      askedUntil = 0;
      last = undefined;
      if (failures === 0) return;
      failures = 0;
      events.storageRecovered(since);
      // The report expires.
      health.clear().catch(() => {});
    },
    recordFailure(fault, beganAt) {
      const { facts } = fault;
      last = fault;
      const isFirst = failures === 0;
      if (isFirst) since = isoTime();
      if (isFirst || beganAt >= openedAt) open();
      if (facts.retryAfterMs !== null) stayOpen(facts.retryAfterMs);
      events.storageFailed(fault, isFirst);
      // The next failure reports again.
      health.report({ code: facts.code, since, fix: facts.fix }).catch(() => {});
    },
  };
}
