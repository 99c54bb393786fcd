import type { StorageFault } from '@pixdock/object-store/types';
import { asError } from '@pixdock/shared/runtime/as-error';
import { backoffMs, isoTime } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { StorageHealth } from '@pixdock/shared/state/records/storage-health';

const BASE_MS = 500;
const CAP_MS = 15_000;
/** A proxy in front of OSS may ask for any time; no image waits longer before OSS is tried again. */
const MAX_ASKED_MS = 60_000;
/** Images that wait with their output come back within this time. If none did, a new image must be the probe. */
const UNTRIED_MS = 30_000;

export interface CircuitBreaker {
  /** Whether `tryAcquire` would return false now. */
  isOpen(): boolean;
  /** Whether OSS may be called now. Half-open, after a pause, it lets one probe through. */
  tryAcquire(): boolean;
  /** Whether no call has tested a failing OSS for 30 seconds. True once, then false for the next 30 seconds. */
  tryProbe(): boolean;
  /** The latest fault of OSS; undefined while OSS works. */
  lastFault(): StorageFault | undefined;
  recordSuccess(): void;
  /** OSS failed for a reason that is not the image's. */
  recordFailure(fault: StorageFault): void;
}

/** Keeps a worker from hammering an OSS in trouble, and tells operators: one log line, and `/readyz`. */
export function openCircuitBreaker(health: StorageHealth, log: Logger): CircuitBreaker {
  let failures = 0;
  let since = '';
  let openUntil = 0;
  let last: StorageFault | undefined;
  const logUnwritten = (error: unknown) => log.debug({ err: asError(error) }, 'storage health not written');
  const isOpen = () => failures > 0 && performance.now() < openUntil;
  return {
    isOpen,
    tryAcquire() {
      if (isOpen()) return false;
      if (failures === 0) return true;
      openUntil = performance.now() + CAP_MS;
      return true;
    },
    tryProbe() {
      const now = performance.now();
      if (failures === 0 || now < openUntil + UNTRIED_MS) return false;
      openUntil = now;
      return true;
    },
    lastFault: () => last,
    recordSuccess() {
      openUntil = 0;
      last = undefined;
      if (failures === 0) return;
      failures = 0;
      log.info({ since }, 'storage works again');
      health.clear().catch(logUnwritten);
    },
    recordFailure(fault) {
      const { operation, facts } = fault;
      last = fault;
      failures++;
      if (failures === 1) since = isoTime();
      const wait = backoffMs(failures, BASE_MS, CAP_MS);
      const asked = Math.min(facts.retryAfterMs ?? 0, MAX_ASKED_MS);
      openUntil = performance.now() + Math.max(wait, asked);
      const { code, status, requestId, ecCode, kind } = facts;
      const level = failures === 1 ? 'warn' : 'debug';
      log[level](
        { operation, kind, code, status, requestId, ecCode, fix: facts.fix.en },
        'storage is in trouble',
      );
      health.report({ code, since, fix: facts.fix.en }).catch(logUnwritten);
    },
  };
}
