import type { Language, Text } from '@pixdock/contract/messages/text';
import { type DiscrepancyKind, sayDiscrepancy } from '../messages/discrepancies.js';

/** A difference between records, jobs, staging and the bucket. */
export interface Discrepancy {
  kind: DiscrepancyKind;
  /** Id of the image, the batch or the job. */
  id?: string;
  key?: string;
  /** Details that the kind does not contain: a sentence, or a stored status or name. */
  evidence?: Text | string;
  /** Checks again and fixes; resolves to false if the difference has disappeared. Absent if it must be fixed by hand. */
  fix?: () => Promise<unknown>;
}

interface Count {
  found: number;
  fixed: number;
}

export type Report = ReturnType<typeof startReport>;

/** Prints each discrepancy as a JSON line; with `shouldFix`, fixes it first. */
export function startReport(shouldFix: boolean, language: Language, out: (line: string) => void) {
  const counts = new Map<DiscrepancyKind, Count>();
  let isFixable = false;
  return {
    counts,
    /** Whether `--fix` fixes one of them. */
    isFixable: () => isFixable,
    async found({ kind, id, key, evidence, fix }: Discrepancy): Promise<void> {
      isFixable ||= fix !== undefined;
      const fixed = shouldFix && fix !== undefined && (await fix()) !== false;
      const count = counts.get(kind) ?? { found: 0, fixed: 0 };
      counts.set(kind, { found: count.found + 1, fixed: count.fixed + (fixed ? 1 : 0) });
      const problem = sayDiscrepancy(language, kind);
      const extra = typeof evidence === 'object' ? evidence[language] : evidence;
      const detail = extra === undefined ? problem : `${problem}: ${extra}`;
      const advice = sayDiscrepancy(language, `${kind}.fix` as const);
      out(JSON.stringify({ kind, id, key, detail, fix: advice, fixed }));
    },
    /** Number of discrepancies that are not fixed. */
    remaining: () =>
      [...counts].reduce(
        (sum, [kind, { found, fixed }]) => sum + (HARMLESS.includes(kind) ? 0 : found - fixed),
        0,
      ),
  };
}

/** Reported, but no action is needed. */
const HARMLESS: readonly DiscrepancyKind[] = ['job-without-record'];
