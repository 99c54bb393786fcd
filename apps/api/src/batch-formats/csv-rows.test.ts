import { expect, test } from 'vitest';
import { csvRows } from './csv-rows.js';
import { turnsDuring } from './testing/turns.js';

test.each([
  ['blank rows', '\n', 1],
  ['a row for each line', 'x\n', 300_001],
])('keeps the event loop turning while it splits a body in memory: %s', async (_, line, expected) => {
  async function* body() {
    yield Buffer.from(line.repeat(300_000));
  }
  let rows = 0;
  const turns = await turnsDuring(async () => {
    for await (const { cells } of csvRows(Buffer.from('url\n'), body(), ',')) rows += cells === null ? 0 : 1;
  });
  expect(rows).toBe(expected);
  // One turn begins before the work, and one after it.
  expect(turns.count).toBeGreaterThan(4);
});
