import { expect, test } from 'vitest';
import { checkWhenQuiet, formatFindings } from './check.js';
import { startRun } from './run.js';
import { type Chain, killAtFirst, killChains } from './scenarios/kill-points.js';

const QUIET_WITHIN_S = 60;

const titled = (chain: Chain) => [`${chain.app}: ${chain.points.join(', ')}`, chain] as const;

// A short `pnpm chaos --only kill-points`.
test.concurrent.each(killChains(1).map(titled))(
  'ends every accepted request once and leaves nothing behind after SIGKILL of the %s',
  async (_, chain) => {
    const run = await startRun();
    try {
      await killAtFirst(run, chain, true);
      expect(formatFindings(await checkWhenQuiet(run, QUIET_WITHIN_S))).toBe('');
    } finally {
      await run.stop();
    }
  },
);
