import { z } from '@hono/zod-openapi';
import { ERROR_CODES } from '@pixdock/contract/error-table';
import { warningsSchema } from '@pixdock/contract/submission-options';
import { type StoredError, sayStoredError } from '@pixdock/shared/state/images/stored-error';
import type { ReceivedBatch } from '../../batch-formats/receive-items.js';
import type { ApiContext } from '../../http/env.js';
import { languageOf } from '../../http/language.js';
import { warningsIn } from '../../http/warnings.js';

export const dryRunSchema = z
  .object({
    // Generators for Java make an enum of text of a literal.
    dryRun: z.literal(true).openapi({ type: 'boolean', examples: [true] }),
    rows: z.int().openapi({ examples: [3], description: 'Rows of the input; a row may have several URLs' }),
    total: z.int().openapi({ examples: [3], description: 'Images' }),
    valid: z.int().openapi({ examples: [2] }),
    invalid: z.int(),
    columns: z.array(z.string()).openapi({ examples: [['url', 'sku']] }),
    isReport: z.boolean().openapi({
      description: 'Whether the sheet is a report of Pixdock, whose unchanged rows `reuse` recognizes',
    }),
    /** At most 1000, in the order of the rows. */
    faults: z.array(
      z.object({
        row: z.int().openapi({ examples: [3] }),
        field: z
          .string()
          .nullable()
          .openapi({ examples: ['url'] }),
        column: z
          .string()
          .nullable()
          .openapi({
            examples: ['Picture'],
            description: 'The header of the field, where it has another name',
          }),
        externalId: z.string().nullable(),
        url: z.string().nullable().openapi({ description: 'As the row has it, without credentials' }),
        code: z.enum(ERROR_CODES).openapi({ examples: ['source_forbidden'] }),
        detail: z.string(),
      }),
    ),
    warnings: warningsSchema,
  })
  .openapi('DryRun');

export function toDryRun(c: ApiContext, received: ReceivedBatch) {
  const { rows, total, invalid, columns, isReport, faults, warnings } = received;
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
