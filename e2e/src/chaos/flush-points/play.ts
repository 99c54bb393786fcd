import { expect, test } from 'vitest';
import { runChaos } from '../chaos.js';
import { startRun } from '../run.js';
import { SCENARIOS } from '../scenarios/all.js';
import type { Scenario } from '../scenarios/scenario.js';

const WITHIN_MS = 480_000;

/** A test that plays one scenario of `pnpm chaos`, by default all of it. */
export function testScenario(
  name: string,
  scenarios: readonly Scenario[] = SCENARIOS.filter((scenario) => scenario.name === name),
): void {
  test(`${name}: FLUSHALL loses, duplicates and leaves behind nothing`, async () => {
    const said: string[] = [];
    const score = await runChaos(scenarios, startRun, {
      seed: 7,
      uploads: 0,
      mix: { ms: 0, faultEveryMs: 0 },
      say: (line) => void said.push(line),
      signal: AbortSignal.timeout(WITHIN_MS),
      // Test files run in parallel, so each of them uses one stack.
      atOnce: 1,
    });
    expect(score, said.join('\n')).toEqual({ passed: 1, failed: 0 });
  });
}
