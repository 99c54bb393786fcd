import { expect, test } from 'vitest';
import { runFeed } from './feed.js';
import { runScale } from './scale.js';

/** A small `pnpm scale` without slow sources. e2e/src/batch/turns.test.ts has more rows than the limit of concurrent jobs. */
test.each(['csv', 'workbook'] as const)('keeps the promises about batches at scale: %s', async (format) => {
  const { checks } = await runScale({
    rows: 240,
    levelRows: 40,
    singleUploads: 5,
    format,
    seed: 1,
    hasSlow: false,
    // Other test files run at the same time.
    isBusy: true,
    say: (line) => void process.stdout.write(`scale: ${line}\n`),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const failed = checks.filter(({ ok }) => !ok);
  expect(failed).toEqual([]);
  expect(checks.length).toBeGreaterThan(10);
});

test('keeps the promises about a feed that is sent twice', async () => {
  const { checks } = await runFeed({
    rows: 150,
    isBusy: true,
    say: (line) => void process.stdout.write(`feed: ${line}\n`),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.length).toBeGreaterThan(3);
});

const DEADLINE_MS = 180_000;
