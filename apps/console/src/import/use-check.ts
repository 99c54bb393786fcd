import type { DryRun } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { currentClient } from '../state/session.js';
import type { Sheet } from './read-sheet.js';

/** What the server says about the previewed rows, by the number of the row. */
export interface Check {
  faults: ReadonlyMap<number, DryRun['faults']>;
  error: unknown;
}

/** Lets the server check the first rows with the chosen columns; null while it does. */
export function useCheck(
  sheet: Sheet,
  columns: Readonly<Record<string, string>>,
  profile: string,
): Check | null {
  const [check, setCheck] = useState<Check | null>(null);
  const mapping = JSON.stringify(columns);
  useEffect(() => {
    setCheck(null);
    const ending = new AbortController();
    const { signal } = ending;
    const options = { dryRun: true, mediaType: 'text/csv', columns, profile, signal } as const;
    currentClient()
      .batches.create(sheet.head, options)
      .then(({ faults }) => setCheck({ faults: byRow(faults), error: null }))
      .catch((error: unknown) => !signal.aborted && setCheck({ faults: new Map(), error }));
    return () => ending.abort();
  }, [sheet, mapping, profile]);
  return check;
}

function byRow(faults: DryRun['faults']): Map<number, DryRun['faults']> {
  const rows = new Map<number, DryRun['faults']>();
  for (const fault of faults) rows.set(fault.row, [...(rows.get(fault.row) ?? []), fault]);
  return rows;
}
