/** What a report has behind the caller's own columns. */
export const REPORT_COLUMNS = ['row', 'externalId', 'status', 'url', 'code', 'reason'] as const;
