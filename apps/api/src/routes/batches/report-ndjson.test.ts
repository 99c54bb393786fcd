import { expect, it } from 'vitest';
import { ndjsonReport } from './report.js';

async function columnsOf(columns: string[], cells: string[]): Promise<unknown> {
  async function* pages() {
    const result = {
      externalId: null,
      status: 'published' as const,
      url: null,
      code: null,
      variants: {},
      reason: null,
      fix: null,
      faultColumn: null,
      aiLabel: null,
      reusedId: null,
      position: 1,
      source: { url: null },
      submitted: { profile: 'default', metadata: {}, deleteAfterSeconds: null },
    };
    yield [{ id: 'img_1', row: 1, cells, ...result }];
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of ndjsonReport(columns, pages())) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()).columns;
}

it.each<[string[], string[]]>([
  [
    ['url', 'sku', 'url', 'url'],
    ['url', 'sku', 'url 2', 'url 3'],
  ],
  [
    ['url 2', 'url', 'url', 'url', 'url 2'],
    ['url 2', 'url', 'url 3', 'url 4', 'url 2 2'],
  ],
  [
    ['a', 'a', 'a 2', 'a 2', 'a 2 2'],
    ['a', 'a 3', 'a 2', 'a 2 3', 'a 2 2'],
  ],
  [
    ['', '', '__proto__', '__proto__'],
    ['', ' 2', '__proto__', '__proto__ 2'],
  ],
])('keeps all cells of columns with equal names: %j', async (columns, names) => {
  const cells = columns.map((_, i) => `cell ${i}`);
  expect(Object.entries((await columnsOf(columns, cells)) as object)).toEqual(
    names.map((name, i) => [name, cells[i]]),
  );
});

it('writes a row of ten thousand unnamed columns in linear time', async () => {
  const columns = Array<string>(10_000).fill('');
  const began = performance.now();
  expect(Object.keys((await columnsOf(columns, [])) as object)).toHaveLength(columns.length);
  expect(performance.now() - began).toBeLessThan(1000);
});
