export interface Check {
  what: string;
  ok: boolean;
  /** The measured value. */
  seen: string;
}

export interface Checks {
  readonly all: readonly Check[];
  add(what: string, ok: boolean, seen: string): void;
  /** Prints a value without judging it. */
  show(what: string, seen: string): void;
  /** Passes without findings; shows the first ones otherwise. */
  none(what: string, findings: readonly string[], outOf: string): void;
}

const SHOWN = 3;

/** Collects promises and whether they hold. */
export function openChecks(say: (line: string) => void): Checks {
  const all: Check[] = [];
  function add(what: string, ok: boolean, seen: string): void {
    all.push({ what, ok, seen });
    say(`${ok ? 'ok    ' : 'FAILED'} ${what}: ${seen}`);
  }
  return {
    all,
    add,
    show: (what, seen) => say(`       ${what}: ${seen}`),
    none(what, findings, outOf) {
      const shown = findings.slice(0, SHOWN).join('; ');
      add(
        what,
        findings.length === 0,
        findings.length === 0 ? outOf : `${findings.length} findings: ${shown}`,
      );
    },
  };
}
