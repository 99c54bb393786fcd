import { detailOf } from '@pixdock/contract/messages/detail';
import type { Warning } from '../http/warnings.js';
import { OPTIONS } from './options.js';

export const ignoredField = (field: string): Warning => ({
  code: 'ignored_field',
  detail: detailOf('field-ignored', { field, options: OPTIONS }),
});

/** A column of a CSV file that was probably meant for the field `meant`. */
export const ignoredColumn = (column: string, meant: string): Warning => ({
  code: 'ignored_field',
  detail: detailOf('csv-column-ignored', { column, meant }),
});

/** A form field of a batch, whose options are in the query. */
export const ignoredBatchField = (field: string): Warning => ({
  code: 'ignored_field',
  detail: detailOf('batch-field-ignored', { field }),
});
