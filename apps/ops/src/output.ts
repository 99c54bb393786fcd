/** Where a command writes: results, and what is no result. One line a call. */
export interface Output {
  out: (line: string) => void;
  err: (line: string) => void;
}

export const EXIT = { ok: 0, fault: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
