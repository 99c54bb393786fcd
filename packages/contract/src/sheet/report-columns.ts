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

/** The caller's own columns in one of our reports: callers correct its failed rows and import it again. */
export function withoutReportColumns(header: readonly string[]): string[] {
  const isReport = REPORT_COLUMNS.every((name, i) => header.at(i - REPORT_COLUMNS.length) === name);
  return isReport ? header.slice(0, -REPORT_COLUMNS.length) : [...header];
}
