export interface Check {
  what: string;
  ok: boolean;
  /** What was seen. */
  seen: string;
  /** It tells something only on a machine that does nothing else. */
  isTiming: boolean;
}

export interface Checks {
  readonly all: readonly Check[];
  add(what: string, ok: boolean, seen: string, isTiming?: boolean): void;
  /** Passes when nothing was found; shows the first finds. */
  none(what: string, finds: readonly string[], outOf: string): void;
}

const SHOWN = 3;

/** What was promised and whether it was kept. */
export function openChecks(say: (line: string) => void): Checks {
  const all: Check[] = [];
  function add(what: string, ok: boolean, seen: string, isTiming = false): void {
    all.push({ what, ok, seen, isTiming });
    say(`${ok ? 'ok    ' : 'FAILED'} ${what}: ${seen}`);
  }
  return {
    all,
    add,
    none(what, finds, outOf) {
      const shown = finds.slice(0, SHOWN).join('; ');
      add(what, finds.length === 0, finds.length === 0 ? outOf : `${finds.length} × not so: ${shown}`);
    },
  };
}
