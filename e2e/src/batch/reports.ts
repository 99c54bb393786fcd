import { expect } from 'vitest';
import { request } from '../harness/client.js';
import type { Stack } from '../harness/stack.js';

/** Text of a report. */
export async function report(
  stack: Stack,
  id: string,
  form: 'csv' | 'ndjson',
  language = 'en',
): Promise<string> {
  const path = `/v1/batches/${id}/report.${form}`;
  const { status, bytes } = await request(stack, path, { headers: { 'Accept-Language': language } });
  expect(status).toBe(200);
  return bytes.toString('utf8');
}

export interface ReportLine {
  row: number;
  id: string;
  externalId: string | null;
  status: string;
  url: string | null;
  code: string | null;
  reason: string | null;
  reusedId: string | null;
  position: number | null;
  source: { url: string | null };
  columns: Record<string, string>;
}

export async function reportLines(stack: Stack, id: string, language = 'en'): Promise<ReportLine[]> {
  const text = await report(stack, id, 'ndjson', language);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** The cells of a report as CSV. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, cell = '', end] of text
    .replace(/^\uFEFF/, '')
    .matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/g)) {
    rows.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
}
