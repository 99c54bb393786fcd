import type { PixdockError } from '@pixdock/contract/error';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { type Detail, sayDetail } from '@pixdock/contract/messages/detail';
import { asError } from '@pixdock/shared/runtime/as-error';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { Audit, AuditEntry } from '@pixdock/shared/state/audit';
import type { ApiCounters } from './metrics.js';

interface Responded {
  requestId: string;
  method: string;
  path: string;
  status: number;
  ms: number;
  /** The code of a refusal. */
  code: ErrorCode | undefined;
}

/** Refused attempts that are recorded per key and minute: a limit, so that they cannot fill the disk. */
const MAX_REFUSED = 60;
const MINUTE_MS = 60_000;

/**
 * The business events of the API. Each becomes a log line, a counter, or both here and nowhere else.
 * @param findFull finds what is full, and by what, for the log line of a code
 */
export function openEvents(
  log: Logger,
  counters: ApiCounters,
  audit: Pick<Audit, 'write'>,
  findFull: Partial<Record<ErrorCode, () => Promise<Detail | null>>> = {},
) {
  const refused = openMinuteCounts();
  const faults = openMinuteCounts();
  return {
    responded(facts: Responded): void {
      log.info(facts, 'request');
      counters.responses.inc({ status: facts.status, code: facts.code ?? '' });
    },

    /** A request ended with a 5xx. */
    failed(fault: PixdockError, requestId: string): void {
      const { code, cause } = fault;
      // Staging fills up during an OSS outage, and it empties without an operator.
      const level = code === 'staging_full' ? 'warn' : 'error';
      const write = (full: Detail | null) => {
        const fix = sayDetail('en', full ?? fault.detail);
        log[level]({ requestId, err: cause ?? fault, code, fix }, 'request failed');
      };
      const find = findFull[code];
      if (find === undefined) return write(null);
      void find()
        .catch(() => null)
        .then(write);
    },

    /** A request changed something, or was not allowed to. */
    changed(change: AuditEntry & { keyId: string }): void {
      if (change.outcome === 'refused' && refused.add(change.keyId) > MAX_REFUSED)
        return counters.auditLost.inc({ reason: 'limit' });
      audit.write(change);
    },

    /** A line of the audit trail could not be written. */
    auditLost(error: unknown): void {
      counters.auditLost.inc({ reason: 'fault' });
      if (faults.add('') > 1) return;
      const fix = 'check the folder audit in DATA_DIR and the space on its disk';
      log.error({ err: asError(error), fix }, 'the audit trail cannot be written');
    },

    imageAccepted(): void {
      counters.accepted.inc({ kind: 'single' });
    },

    /** @param invalid rows that failed at once */
    batchAccepted({ total, invalid }: { total: number; invalid: number }): void {
      counters.accepted.inc({ kind: 'item' }, total);
      counters.image('failed', 'invalid_row', 'item', invalid);
    },
  };
}

export type ApiEvents = ReturnType<typeof openEvents>;

/** Counts by name within the current minute. */
function openMinuteCounts() {
  const counts = new Map<string, number>();
  let minute = 0;
  return {
    add(name: string): number {
      const current = Math.floor(Date.now() / MINUTE_MS);
      if (current !== minute) counts.clear();
      minute = current;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count;
    },
  };
}
