import { detailOf } from '@pixdock/contract/messages/detail';
import type { Warning } from '../http/warnings.js';
import { OPTIONS } from './option-names.js';

export const ignoredField = (field: string): Warning => ({
  code: 'ignored_field',
  detail: detailOf('field-ignored', { field, options: OPTIONS }),
});

/** A form field of a batch, whose options are in the query. */
export const ignoredBatchField = (field: string): Warning => ({
  code: 'ignored_field',
  detail: detailOf('batch-field-ignored', { field }),
});
