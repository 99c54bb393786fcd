export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the caller has to do otherwise; told in a line or some, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
