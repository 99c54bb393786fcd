import { test } from 'vitest';
import { receiveBody } from './receive.js';

/*
 * Rows without their last cell may take at most 1.2 times as long as the same rows with it:
 *
 *   npx vitest bench --run --project beside apps/api/src/batch-formats/testing/csv.bench.ts
 */
const ROWS = 50_000;

function fileOf(lastCell: boolean): Buffer {
  const row = (i: number) =>
    `http://img.example/${i}.jpg,sku-${i},"Title, of ${i}"${lastCell ? `,note ${i}` : ''}\n`;
  return Buffer.from(`url,externalId,title,note\n${Array.from({ length: ROWS }, (_, i) => row(i)).join('')}`);
}

test('50,000 rows of a CSV file', async ({ bench }) => {
  const receive = (name: string, lastCell: boolean) => {
    const body = fileOf(lastCell);
    return bench(name, async () => {
      await receiveBody({ type: 'text/csv', body, limits: { maxBatchItems: ROWS }, onItem: () => {} });
    });
  };
  await bench.compare(receive('with their last cell', true), receive('without their last cell', false), {
    iterations: 3,
    warmupIterations: 1,
    time: 0,
    warmupTime: 0,
  });
});
