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
export const EARLIER_REPORT_COLUMNS = 7;
