export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Wrong use of the command; printed without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
