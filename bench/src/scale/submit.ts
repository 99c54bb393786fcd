import { Readable } from 'node:stream';
import type { Batch } from '@pixdock/contract/batch';
import { ask } from '@pixdock/e2e/harness/client';
import type { Stack } from '@pixdock/e2e/harness/stack';
import { COLUMNS, csvOf } from './csv.js';
import type { Rows } from './rows.js';
import { workbookWith } from './workbook.js';

/** Generates the rows and streams them to POST /v1/batches. */
export function submit(stack: Stack, rows: Rows, signal: AbortSignal): Promise<Batch> {
  const parameters = { columns: COLUMNS };
  return rows.format === 'csv'
    ? submitCsv(stack, csvOf(rows), parameters, signal)
    : send(stack, Readable.from([workbookWith(rows)]), 'application/octet-stream', parameters, signal);
}

/** Streams a sheet to POST /v1/batches. */
export function submitCsv(
  stack: Stack,
  csv: Iterable<string>,
  parameters: Record<string, string>,
  signal: AbortSignal,
): Promise<Batch> {
  const body = Readable.from(csv).map((text: string) => Buffer.from(text));
  return send(stack, body, 'text/csv', parameters, signal);
}

async function send(
  stack: Stack,
  body: Readable,
  type: string,
  parameters: Record<string, string>,
  signal: AbortSignal,
): Promise<Batch> {
  const query = new URLSearchParams(parameters);
  const { status, body: batch } = await ask<Batch>(stack, `/v1/batches?${query.toString()}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body: Readable.toWeb(body) as ReadableStream,
    duplex: 'half',
    signal,
  });
  if (status !== 202) throw new Error(`${status} ${JSON.stringify(batch)}`);
  return batch;
}
