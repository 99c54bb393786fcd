import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Lines before the first row, by media type of the formats with one row per line. */
const HEADER_LINES: Readonly<Record<string, number>> = { 'text/csv': 1, 'application/x-ndjson': 0 };

/** Whether a file has at least one row. Reads no further than that row, and assumes one for other formats. */
export async function hasRows(file: string, mediaType: string): Promise<boolean> {
  const headerLines = HEADER_LINES[mediaType];
  if (headerLines === undefined) return true;
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let seen = 0;
  for await (const line of lines) if (line.trim() !== '' && ++seen > headerLines) return true;
  return false;
}
