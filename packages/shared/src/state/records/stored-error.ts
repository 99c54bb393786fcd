import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { type Detail, detailText, fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import { detailSchema } from '@pixdock/contract/messages/detail-schema';
import type { Language } from '@pixdock/contract/messages/text';
import { z } from 'zod';

/**
 * The error of an image or of a row. `detail` is for versions that do not know the reason: 0.1.0, which stored only
 * sentences, and versions older than the one that added the reason.
 */
export const storedErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  detail: z.object({ en: z.string(), zh: z.string() }),
  reason: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
export type StoredError = z.output<typeof storedErrorSchema>;

export function storedError(code: ErrorCode, detail: Detail = fixOf(code)): StoredError {
  return { code, detail: detailText(detail), ...detail };
}

/** The sentence of an error in the words of this version, or the stored sentence if this version does not know the reason. */
export function sayStoredError({ detail, reason, params }: StoredError, language: Language): string {
  const known = detailSchema.safeParse({ reason, params });
  return known.success ? sayDetail(language, known.data) : detail[language];
}
