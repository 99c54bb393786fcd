import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byStatus, STATUSES } from '@pixdock/contract/status';
import { type ReceivedRequest, type Reply, serve } from '../../testing/serve.js';
import { temporaryFolder } from './run-pixdock.js';

const none = byStatus(STATUSES, () => 0);
/** A batch of ten images. */
export const batch = (version: number, status: string, counts: Partial<typeof none>) => ({
  id: 'bat_1',
  status,
  version,
  name: 'spring.csv',
  format: 'csv',
  total: 10,
  rows: 10,
  progress: status === 'running' ? 0.4 : 1,
  itemsPerSecond: 2.5,
  etaSeconds: 4,
  cancelRequestedAt: null as string | null,
  deleteRequestedAt: null as string | null,
  counts: { ...none, ...counts },
});
/** A failed image of the batch. */
export const failure = (row: number, code: string, retryable: boolean) => ({
  id: `img_${row}`,
  row,
  externalId: `sku-${row}`,
  source: { filename: null, url: code === 'invalid_row' ? null : `http://h/${row}.jpg` },
  error: { code, title: `Title of ${code}`, detail: `The response was ${row}.`, retryable },
});

/** A server with one batch, which ends as `last`: by default with four failures. */
export function batchServer(last = batch(3, 'finished', { published: 6, failed: 4 })) {
  let reads = 0;
  return serve(({ method, url: { pathname }, body }: ReceivedRequest): Reply => {
    if (pathname === '/v1/images') return { body: { items: [] } };
    if (pathname === '/v1/batches/preview') return { body: previewOf(String(body)) };
    if (method === 'POST') return { status: 202, body: batch(1, 'running', { queued: 10 }) };
    if (pathname.endsWith('/report.csv')) return { body: 'row,url\n1,http://oss/1\n' };
    if (pathname.endsWith('/items'))
      return {
        body: {
          items: [
            failure(2, 'source_timeout', true),
            failure(5, 'source_not_found', false),
            failure(7, 'source_timeout', true),
            failure(9, 'invalid_row', false),
          ],
        },
      };
    return {
      headers: { 'preference-applied': 'wait=30' },
      body: reads++ === 0 ? batch(2, 'running', { published: 4 }) : last,
    };
  });
}

/** The preview of a small sheet, which is a report if a column is called `reusedId`. */
export function previewOf(text: string) {
  const [columns = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) =>
      Array.from(line.matchAll(/"([^"]*)"|([^,]+)/g), ([, quoted, plain]) => quoted ?? plain ?? ''),
    );
  const isReport = columns.includes('reusedId');
  return { encoding: 'utf-8', columns, rows: rows.map((cells, i) => ({ row: i + 2, cells })), isReport };
}

/** Whether the request submits a batch. */
export const isSubmission = ({ method, url }: ReceivedRequest) =>
  method === 'POST' && url.pathname === '/v1/batches';

/** Writes a CSV file, or one that the server takes for a workbook, and returns its path. */
export function csv(text = 'Picture,SKU\nhttp://h/1,a\n', name = 'rows.csv'): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}
