import { inflateRawSync } from 'node:zlib';
import type { Stack } from '@pixdock/e2e/harness/stack';
import { row, text, workbookOf } from '@pixdock/shared/testing/workbook';
import { noteOf } from './csv.js';
import { type Rows, rowAt } from './rows.js';

/** The rows as an Excel workbook. */
export function workbookWith(rows: Rows): Buffer {
  const lines = [row(1, text('A1', 'note'), text('B1', 'sku'), text('C1', 'picture'))];
  for (let place = 0; place < rows.total; place++) {
    const { externalId, url } = rowAt(rows, place);
    const n = place + 2;
    lines.push(
      row(
        n,
        text(`A${n}`, noteOf(place)),
        text(`B${n}`, externalId),
        text(`C${n}`, url.replaceAll('&', '&amp;')),
      ),
    );
  }
  return workbookOf({ rows: lines.join('') });
}

/** Reads a batch's report.xlsx, and counts the URLs of published rows in its sheet. */
export async function countReturnedUrls(stack: Stack, batchId: string): Promise<number> {
  const response = await fetch(new URL(`/v1/batches/${batchId}/report.xlsx`, stack.api.url), {
    headers: { Authorization: 'Bearer key-of-the-owner-acme' },
  });
  if (response.status !== 200) throw new Error(`${response.status}`);
  const archive = Buffer.from(await response.arrayBuffer());
  // The sheet comes last.
  const header = archive.lastIndexOf('PK\x03\x04', undefined, 'latin1');
  const sheet = inflateRawSync(archive.subarray(header + 30 + archive.readUInt16LE(header + 26)));
  return sheet.toString().match(/>[^<]*\/main\.\w+<\/t>/g)?.length ?? 0;
}
