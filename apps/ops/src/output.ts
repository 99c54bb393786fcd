/** Writes one line to stdout (results) or stderr (everything else). */
export interface Output {
  out: (line: string) => void;
  err: (line: string) => void;
  /** Clears the screen of a terminal. */
  clear?: () => void;
}

/** `config` is EX_CONFIG of sysexits.h, as of the services; `interrupted` is what shells report after Ctrl-C. */
export const EXIT = { ok: 0, fault: 1, usage: 2, config: 78, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
