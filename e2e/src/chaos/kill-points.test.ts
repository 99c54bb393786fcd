import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkWhenQuiet, told } from './check.js';
import { killAt, killPoints } from './kill-points.js';
import { type Run, startRun } from './run.js';

/** The second passes belong to `pnpm chaos`. */
const PASSES = [1];
const QUIET_WITHIN_S = 60;

// One after the other on one stack: what a kill left is also there at the next.
let run: Run;
beforeAll(async () => {
  run = await startRun();
});
afterAll(() => run.stop());

test.each(killPoints(PASSES).map((group) => [group.map(({ name }) => name).join(', '), group] as const))(
  'SIGKILL at %s: all that was accepted ends once, and nothing is left',
  async (_, group) => {
    for (const point of group) await killAt(run, point);
    expect(told(await checkWhenQuiet(run, QUIET_WITHIN_S))).toBe('');
  },
  180_000,
);
