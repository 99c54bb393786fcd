import { expect, test } from 'vitest';
import { runChaos } from './chaos.js';
import { MIX } from './scenarios/all.js';

const SEED = 7;
/** Two of the faults, with this seed. */
const MIX_TIMES = { ms: 20_000, faultEveryMs: 6000 };

/** As `pnpm chaos --only mix`, but short. */
test('traffic of every kind, and faults by chance: nothing is lost, doubled or left', async () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const score = await runChaos([MIX], { seed: SEED, uploads: 0, mix: MIX_TIMES, say, signal });
  expect([score, said.filter((line) => !line.startsWith('  ')).join('\n')]).toEqual([
    { passed: 1, failed: 0 },
    expect.stringContaining('ok'),
  ]);
}, 300_000);

const DEADLINE_MS = 280_000;
