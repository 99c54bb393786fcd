import { type Detail, detailOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import type { WARNING_CODES } from '@pixdock/contract/warning';
import { OPTIONS } from './option-names.js';

/** A part of an accepted submission that had no effect. */
export interface Warning {
  code: (typeof WARNING_CODES)[number];
  detail: Detail;
}

export const ignoredField = (field: string): Warning => ({
  code: 'ignored_field',
  detail: detailOf('field-ignored', { field, options: OPTIONS }),
});

/** A form field of a batch: its options are in the query. */
export const ignoredBatchField = (field: string): Warning => ({
  code: 'ignored_field',
  detail: detailOf('batch-field-ignored', { field }),
});

/** The member `warnings` of a response to a submission; absent without a warning. */
export function warningsIn(language: Language, warnings: readonly Warning[]) {
  if (warnings.length === 0) return {};
  return { warnings: warnings.map(({ code, detail }) => ({ code, detail: sayDetail(language, detail) })) };
}
