import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { type Detail, fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import { detailSchema } from '@pixdock/contract/messages/detail-schema';
import type { Language } from '@pixdock/contract/messages/text';
import { z } from 'zod';

/** The error of an image or of a row. A newer version may have stored a reason that this one does not know. */
export const storedErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  reason: z.string(),
  params: z.record(z.string(), z.unknown()),
});
export type StoredError = z.output<typeof storedErrorSchema>;

export function storedError(code: ErrorCode, detail: Detail = fixOf(code)): StoredError {
  return { code, ...detail };
}

/** The sentence of an error; for an unknown reason, the fix of its code. */
export function sayStoredError({ code, reason, params }: StoredError, language: Language): string {
  const known = detailSchema.safeParse({ reason, params });
  return sayDetail(language, known.success ? known.data : fixOf(code));
}
