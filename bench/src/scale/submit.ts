import { Readable } from 'node:stream';
import type { Batch } from '@pixdock/contract/batch';
import { ask } from '@pixdock/e2e/harness/client';
import type { Stack } from '@pixdock/e2e/harness/stack';
import { COLUMNS, csvOf } from './csv.js';
import type { Rows } from './rows.js';
import { workbookWith } from './workbook.js';

/** Generates the rows and streams them to POST /v1/batches. */
export async function submit(stack: Stack, rows: Rows, signal: AbortSignal): Promise<Batch> {
  const isCsv = rows.format === 'csv';
  const body = isCsv
    ? Readable.from(csvOf(rows)).map((text: string) => Buffer.from(text))
    : Readable.from([workbookWith(rows)]);
  const query = new URLSearchParams({ columns: COLUMNS });
  const { status, body: batch } = await ask<Batch>(stack, `/v1/batches?${query.toString()}`, {
    method: 'POST',
    headers: { 'Content-Type': isCsv ? 'text/csv' : 'application/octet-stream' },
    body: Readable.toWeb(body) as ReadableStream,
    duplex: 'half',
    signal,
  });
  if (status !== 202) throw new Error(`${status} ${JSON.stringify(batch)}`);
  return batch;
}
