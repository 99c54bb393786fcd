import { z } from 'zod';
import { ERROR_CODES } from './error-table.js';
import { warningsSchema } from './submission-options.js';

/** What a dry run of a batch found. */
export const dryRunSchema = z
  .object({
    // Generators for Java make an enum of text of a literal.
    dryRun: z.literal(true).meta({ type: 'boolean', examples: [true] }),
    rows: z.int().meta({ examples: [3], description: 'Rows of the input; a row may have several URLs' }),
    total: z.int().meta({ examples: [3], description: 'Images' }),
    valid: z.int().meta({ examples: [2] }),
    invalid: z.int(),
    columns: z.array(z.string()).meta({ examples: [['url', 'sku']] }),
    isReport: z.boolean().meta({
      description: 'Whether the sheet is a report of Pixdock, whose unchanged rows `reuse` recognizes',
    }),
    /** At most 1000, in the order of the rows. */
    faults: z.array(
      z.object({
        row: z.int().meta({ examples: [3] }),
        field: z
          .string()
          .nullable()
          .meta({ examples: ['url'] }),
        column: z
          .string()
          .nullable()
          .meta({
            examples: ['Picture'],
            description: 'The header of the field, where it has another name',
          }),
        externalId: z.string().nullable(),
        url: z.string().nullable().meta({ description: 'As the row has it, without credentials' }),
        code: z.enum(ERROR_CODES).meta({ examples: ['source_forbidden'] }),
        detail: z.string(),
      }),
    ),
    warnings: warningsSchema,
  })
  .meta({ id: 'DryRun' });
export type DryRun = z.output<typeof dryRunSchema>;
