import { expect, test } from 'vitest';
import { measureWithOutcomes } from './with-outcomes.js';

/** A small `pnpm bench start --outcomes`. Its figures mean nothing beside other tests. */
test.each(['folder', 'bucket'])('measures starts with more and more outcomes in a %s', async (staging) => {
  const rows = await measureWithOutcomes({ counts: [0, 5], waiting: 3, times: 1, staging, say: () => {} });
  expect(rows.map(({ outcomes }) => outcomes)).toEqual([0, 5]);
  for (const { kept, emptied } of rows) {
    expect(kept.restored).toBeGreaterThanOrEqual(kept.apiReady);
    expect(emptied.restored).toBeGreaterThanOrEqual(emptied.waiting);
    expect(kept.workerReady).toBeGreaterThan(0);
  }
});
