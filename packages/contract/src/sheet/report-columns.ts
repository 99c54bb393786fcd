/** The columns that a report adds after the caller's own. */
export const REPORT_COLUMNS = [
  'row',
  'externalId',
  'status',
  'url',
  'code',
  'reason',
  'aiLabel',
  'position',
  'source.url',
] as const;

/** The number of these columns in a report of 0.1.0. */
const EARLIER_REPORT_COLUMNS = 7;

/** The caller's own columns in one of our reports: callers correct its failed rows and import it again. */
export function withoutReportColumns(header: readonly string[]): string[] {
  for (const added of [REPORT_COLUMNS, REPORT_COLUMNS.slice(0, EARLIER_REPORT_COLUMNS)])
    if (added.every((name, i) => header.at(i - added.length) === name)) return header.slice(0, -added.length);
  return [...header];
}
