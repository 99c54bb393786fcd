import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Stack } from '@pixdock/e2e/harness/stack';
import { noteOf } from './csv.js';
import { type Rows, rowAt } from './rows.js';

export interface Reported {
  lines: number;
  /** URLs of the published rows. */
  urls: Set<string>;
  /** Broken promises. */
  findings: string[];
}

/** Streams a batch's report.csv and compares each line with its row. */
export async function readReport(stack: Stack, batchId: string, rows: Rows): Promise<Reported> {
  const response = await fetch(new URL(`/v1/batches/${batchId}/report.csv`, stack.api.url), {
    headers: { Authorization: 'Bearer key-of-the-owner-acme' },
  });
  if (response.status !== 200 || response.body === null) throw new Error(`${response.status}`);
  const lines = createInterface({ input: Readable.fromWeb(response.body as never) });
  const urls = new Set<string>();
  const findings: string[] = [];
  let place = -1;
  for await (const line of lines) {
    if (place >= 0) {
      const finding = compare(line, rows, place, urls);
      if (finding !== null) findings.push(finding);
    } else if (line !== HEADER) findings.push(`header ${line}`);
    place++;
  }
  return { lines: place, urls, findings };
}

const HEADER =
  '\uFEFFnote,sku,picture,row,id,externalId,status,url,thumb.url,code,reason,aiLabel,reusedId,position,source.url';

/** No cell before the reason has a comma. */
function compare(line: string, rows: Rows, place: number, urls: Set<string>): string | null {
  if (place >= rows.total) return `line ${place + 1} is an extra line`;
  const row = rowAt(rows, place);
  const cells = line.split(',');
  const [id, url, thumb] = [cells[4], cells[7] ?? '', cells[8] ?? ''];
  const status = row.code === null ? 'published' : 'failed';
  const given = [noteOf(place), row.externalId, row.url];
  // The header is row 1.
  const expected = [...given, String(place + 2), id, row.externalId, status, url, thumb, row.code ?? ''];
  const isOwn = row.code === null ? url !== '' && thumb !== '' && !urls.has(url) : url + thumb === '';
  if (url !== '') urls.add(url);
  const isAsExpected = expected.every((cell, i) => cell === cells[i]);
  return isAsExpected && isOwn ? null : `line ${place + 1}: ${line} instead of ${expected.join()}`;
}
