import { expect, test } from 'vitest';
import { runChaos } from './chaos.js';
import { startRun } from './run.js';
import { webhooksOf } from './scenarios/webhooks.js';

const WITHIN_MS = 240_000;

/** A short `pnpm chaos --only webhooks`. */
test('delivers each final state although the API, the worker and Redis are killed', async () => {
  const said: string[] = [];
  const score = await runChaos([webhooksOf(30)], startRun, {
    seed: 1,
    uploads: 0,
    mix: { ms: 0, faultEveryMs: 0 },
    say: (line) => void said.push(line),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  expect(score, said.join('\n')).toEqual({ passed: 1, failed: 0 });
});
