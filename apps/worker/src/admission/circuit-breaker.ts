import type { StorageFault } from '@pixdock/object-store/types';
import { asError } from '@pixdock/shared/runtime/as-error';
import { backoffMs, isoTime } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { StorageHealth } from '@pixdock/shared/state/records/storage-health';

const BASE_MS = 500;
const CAP_MS = 15_000;
/** Whoever answers in the place of OSS may ask for any time; nobody waits longer to see whether it works again. */
const LONGEST_ASKED_MS = 60_000;
/** Of images held with what was rendered, one or another comes back in this time. */
const UNTRIED_MS = 30_000;

export interface StorageGate {
  /** Whether it would refuse now. */
  isClosed(): boolean;
  /** Whether OSS may be tried now; while it is in trouble only one try at a time gets through. */
  admits(): boolean;
  /** Whether OSS is in trouble and could have been tried for long: told to one image, until it is long again. */
  isNeglected(): boolean;
  /** What OSS failed with last; none while it works. */
  trouble(): StorageFault | undefined;
  /** OSS worked. */
  passed(): void;
  /** OSS failed for a reason that is not the image's. */
  failed(fault: StorageFault): void;
}

/** Keeps a worker from hammering an OSS in trouble, and tells operators: one log line, and `/readyz`. */
export function openStorageGate(health: StorageHealth, log: Logger): StorageGate {
  let failures = 0;
  let since = '';
  let closedUntil = 0;
  let last: StorageFault | undefined;
  const unlogged = (error: unknown) => log.debug({ err: asError(error) }, 'storage health not written');
  const isClosed = () => failures > 0 && performance.now() < closedUntil;
  return {
    isClosed,
    admits() {
      if (isClosed()) return false;
      if (failures === 0) return true;
      closedUntil = performance.now() + CAP_MS;
      return true;
    },
    isNeglected() {
      const now = performance.now();
      if (failures === 0 || now < closedUntil + UNTRIED_MS) return false;
      closedUntil = now;
      return true;
    },
    trouble: () => last,
    passed() {
      closedUntil = 0;
      last = undefined;
      if (failures === 0) return;
      failures = 0;
      log.info({ since }, 'storage works again');
      health.clear().catch(unlogged);
    },
    failed(fault) {
      const { operation, facts } = fault;
      last = fault;
      failures++;
      if (failures === 1) since = isoTime();
      const wait = backoffMs(failures, BASE_MS, CAP_MS);
      const asked = Math.min(facts.retryAfterMs ?? 0, LONGEST_ASKED_MS);
      closedUntil = performance.now() + Math.max(wait, asked);
      const { code, status, requestId, ecCode, kind } = facts;
      const level = failures === 1 ? 'warn' : 'debug';
      log[level](
        { operation, kind, code, status, requestId, ecCode, fix: facts.fix.en },
        'storage is in trouble',
      );
      health.report({ code, since, fix: facts.fix.en }).catch(unlogged);
    },
  };
}
