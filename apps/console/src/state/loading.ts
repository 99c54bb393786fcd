import { PixdockApiError } from '@pixdock/client';

/** The sentence of an error for people. */
export const sentenceOf = (error: unknown): string =>
  error instanceof PixdockApiError ? error.detail : error instanceof Error ? error.message : String(error);
