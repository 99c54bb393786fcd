import type { DryRun } from '@pixdock/contract/dry-run';
import { type StoredError, sayStoredError } from '@pixdock/shared/state/images/stored-error';
import type { ReceivedBatch } from '../../batch-formats/receive-items.js';
import type { ApiContext } from '../../http/env.js';
import { languageOf } from '../../http/language.js';
import { warningsIn } from '../../http/warnings.js';

export function toDryRun(c: ApiContext, received: ReceivedBatch): DryRun {
  const { isReport, faults, warnings } = received;
  const { rows, total, invalid, columns } = received.facts;
  const language = languageOf(c);
  return {
    dryRun: true,
    rows,
    total,
    valid: total - invalid,
    invalid,
    columns,
    isReport,
    faults: faults.map(({ row, field, externalId, url, ...error }) => ({
      row,
      field,
      column: columnIn(error),
      externalId,
      url,
      code: error.code,
      detail: sayStoredError(error, language),
    })),
    ...warningsIn(language, warnings),
  };
}

function columnIn({ params }: StoredError): string | null {
  const column = params['column'];
  return typeof column === 'string' ? column : null;
}
