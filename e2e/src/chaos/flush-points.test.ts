import { expect, test } from 'vitest';
import { runChaos } from './chaos.js';
import { SCENARIOS } from './scenarios/all.js';

const WITHIN_MS = 280_000;

test('FLUSHALL at each faultpoint: nothing is lost, doubled or left, whoever goes on and whenever', async () => {
  const said: string[] = [];
  const scenarios = SCENARIOS.filter(({ name }) => name.startsWith('flush-points'));
  const score = await runChaos(scenarios, {
    seed: 7,
    uploads: 0,
    mix: { ms: 0, faultEveryMs: 0 },
    say: (line) => void said.push(line),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  expect(score, said.join('\n')).toEqual({ passed: 4, failed: 0 });
}, 300_000);
