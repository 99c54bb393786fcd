/** The columns that a report adds after the caller's own. */
export const REPORT_COLUMNS = ['row', 'externalId', 'status', 'url', 'code', 'reason', 'aiLabel'] as const;
