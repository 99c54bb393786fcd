import { bench, describe } from 'vitest';
import { receiveBody } from './receive.js';

/*
 * Rows without their last cell may take at most 1.2 times as long as the same rows with it:
 *
 *   npx vitest bench --run apps/api/src/batch-formats/testing/csv.bench.ts
 */
const ROWS = 50_000;

function fileOf(lastCell: boolean): Buffer {
  const row = (i: number) =>
    `http://img.example/${i}.jpg,sku-${i},"Title, of ${i}"${lastCell ? `,note ${i}` : ''}\n`;
  return Buffer.from(`url,externalId,title,note\n${Array.from({ length: ROWS }, (_, i) => row(i)).join('')}`);
}

describe('50,000 rows of a CSV file', () => {
  for (const [name, lastCell] of [
    ['with their last cell', true],
    ['without their last cell', false],
  ] as const) {
    const body = fileOf(lastCell);
    bench(
      name,
      async () => {
        await receiveBody({ type: 'text/csv', body, limits: { maxBatchItems: ROWS }, onItem: () => {} });
      },
      { iterations: 3, warmupIterations: 1, time: 0, warmupTime: 0 },
    );
  }
});
