import type { PixdockError } from '@pixdock/contract/error';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { Logger } from '@pixdock/shared/runtime/log';
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

/** The business events of the API. Each becomes a log line, a counter, or both here and nowhere else. */
export interface ApiEvents {
  responded(facts: Responded): void;
  /** A request ended with a 5xx. */
  failed(error: PixdockError, requestId: string): void;
  imageAccepted(): void;
  /** @param invalid rows that failed at once */
  batchAccepted(facts: { total: number; invalid: number }): void;
}

export function openEvents(log: Logger, counters: ApiCounters): ApiEvents {
  return {
    responded(facts) {
      log.info(facts, 'request');
      counters.responses.inc({ status: facts.status, code: facts.code ?? '' });
    },

    failed(error, requestId) {
      // Staging fills up during an OSS outage, and it empties without an operator.
      const level = error.code === 'staging_full' ? 'warn' : 'error';
      const fix = sayDetail('en', fixOf(error.code));
      log[level]({ requestId, err: error.cause ?? error, code: error.code, fix }, 'request failed');
    },

    imageAccepted() {
      counters.accepted.inc({ kind: 'single' });
    },

    batchAccepted({ total, invalid }) {
      counters.accepted.inc({ kind: 'item' }, total);
      counters.image('failed', 'invalid_row', 'item', invalid);
    },
  };
}
