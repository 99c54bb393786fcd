import { expect, test } from 'vitest';
import { runChaos } from './chaos.js';
import { REDIS_FAULTS } from './faults/redis.js';
import { SERVICE_FAULTS } from './faults/services.js';
import { startRun } from './run.js';
import { mixOf } from './scenarios/mix.js';

const SEED = 7;
const TIMES = { ms: 9000, faultEveryMs: 3000 };
/** The other faults take too long for `npm test`. */
const QUICK = ['worker-kill-twice', 'redis-kill', 'redis-flush', 'reviewer-kill'];
const WITHIN_MS = 240_000;

/** A short `pnpm chaos --only mix`. */
test('loses, duplicates and leaves behind nothing under mixed traffic with random faults', async () => {
  const faults = [...SERVICE_FAULTS, ...REDIS_FAULTS].filter(({ name }) => QUICK.includes(name));
  const said: string[] = [];
  const score = await runChaos([mixOf(faults)], startRun, {
    seed: SEED,
    uploads: 0,
    mix: TIMES,
    say: (line) => void said.push(line),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  expect(score, said.join('\n')).toEqual({ passed: 1, failed: 0 });
});
