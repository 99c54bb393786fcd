import { expect, test } from 'vitest';
import { runScale } from './scale.js';

/** As `pnpm scale`, but small (still more rows than there may be jobs at a time), and without the sources that keep everybody waiting. */
test('what batches promise at scale', async () => {
  const { checks } = await runScale({
    rows: 600,
    levelRows: 100,
    singleUploads: 20,
    seed: 1,
    hasSlow: false,
    say: (line) => void process.stdout.write(`scale: ${line}\n`),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  // How long an upload takes tells something only on a machine that does nothing else.
  const failed = checks.filter(({ ok, isTiming }) => !ok && !isTiming);
  expect(failed).toEqual([]);
  expect(checks.length).toBeGreaterThan(10);
}, 200_000);

const DEADLINE_MS = 180_000;
