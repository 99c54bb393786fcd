import type { Language } from '@pixdock/contract/error';
import { HARMLESS, KINDS, type Kind } from './kinds.js';

/** Something that is wrong, as it was just seen. */
export interface Found {
  kind: Kind;
  /** Of the image, the batch or the job. */
  id?: string;
  key?: string;
  /** What exactly was seen, where the kind does not say it all. */
  seen?: string;
  /** Looks once more and mends; false when it was not as seen any more. Absent: nothing can be done here. */
  mend?: () => Promise<boolean>;
}

interface Count {
  found: number;
  fixed: number;
}

export interface Report {
  found(finding: Found): Promise<void>;
  counts: ReadonlyMap<Kind, Count>;
  /** Findings that are still to be mended. */
  left(): number;
}

/** Tells each finding on a line of its own; with `fix`, mends it first. */
export function startReport(fix: boolean, language: Language, out: (line: string) => void): Report {
  const counts = new Map<Kind, Count>();
  return {
    counts,
    async found({ kind, id, key, seen, mend }) {
      const fixed = fix && mend !== undefined && (await mend());
      const count = counts.get(kind) ?? { found: 0, fixed: 0 };
      counts.set(kind, { found: count.found + 1, fixed: count.fixed + (fixed ? 1 : 0) });
      const problem = KINDS[kind].problem[language];
      const detail = seen === undefined ? problem : `${problem}: ${seen}`;
      out(JSON.stringify({ kind, id, key, detail, fix: KINDS[kind].fix[language], fixed }));
    },
    left: () =>
      [...counts].reduce(
        (sum, [kind, { found, fixed }]) => sum + (HARMLESS.includes(kind) ? 0 : found - fixed),
        0,
      ),
  };
}
