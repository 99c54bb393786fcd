import { type Detail, sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import type { WARNING_CODES } from '@pixdock/contract/submission-options';

/** A part of an accepted submission that had no effect. */
export interface Warning {
  code: (typeof WARNING_CODES)[number];
  detail: Detail;
}

/** The member `warnings` of a response to a submission; absent without a warning. */
export function warningsIn(language: Language, warnings: readonly Warning[]) {
  if (warnings.length === 0) return {};
  return { warnings: warnings.map(({ code, detail }) => ({ code, detail: sayDetail(language, detail) })) };
}
