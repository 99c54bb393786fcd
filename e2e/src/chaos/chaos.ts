import { checkWhenQuiet, told } from './check.js';
import type { Find } from './history.js';
import { openRandom } from './random.js';
import { openRuns, type Runs } from './runs.js';
import type { Context, Part, Scenario } from './scenarios/scenario.js';

export interface ChaosOptions extends Omit<Context, 'random'> {
  seed: number;
  signal: AbortSignal;
}

/** Runs at a time; most of what they do is to wait. */
const AT_ONCE = 3;
/** What is held back by a fault waits up to a minute, and a batch looks for lost jobs twice a minute. */
const QUIET_WITHIN_S = 150;
const SHOWN_LINES = 20;

export interface Score {
  passed: number;
  failed: number;
}

/** Plays one scenario after the other, and tells what came of each. @throws when `signal` aborts */
export async function runChaos(scenarios: readonly Scenario[], options: ChaosOptions): Promise<Score> {
  const runs = openRuns(options.say);
  const score: Score = { passed: 0, failed: 0 };
  try {
    for (const scenario of scenarios) {
      const began = performance.now();
      const finds = await play(runs, scenario, options);
      score[finds.length === 0 ? 'passed' : 'failed']++;
      tell(scenario, finds, Math.round((performance.now() - began) / 1000), options);
    }
    return score;
  } finally {
    await runs.stop();
  }
}

async function play(runs: Runs, scenario: Scenario, options: ChaosOptions): Promise<Find[]> {
  const { name } = scenario;
  const random = openRandom(`${options.seed} ${name}`);
  const left = scenario.parts({ ...options, random });
  const finds: Find[] = [];
  const lanes = Array.from({ length: Math.min(AT_ONCE, left.length) }, async () => {
    for (let part = left.shift(); part !== undefined; part = left.shift())
      finds.push(...(await playPart(runs, name, part, options.signal)));
  });
  await orAbort(Promise.all(lanes), options.signal);
  return finds;
}

async function playPart(runs: Runs, name: string, part: Part, signal: AbortSignal): Promise<Find[]> {
  const run = await runs.take();
  const finds: Find[] = [];
  try {
    await part(run);
  } catch (error) {
    finds.push({ about: name, what: (error as Error).message });
  }
  signal.throwIfAborted();
  finds.push(...(await checkWhenQuiet(run, QUIET_WITHIN_S)));
  for (const leak of run.leaks.inLog(run.logs()))
    finds.push({ about: 'the logs', what: `they tell ${leak}` });
  await runs.giveBack(run, name, finds.length === 0);
  return finds;
}

function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    promise.then(resolve, reject);
  });
}

function tell(
  { name, what }: Scenario,
  finds: readonly Find[],
  seconds: number,
  options: ChaosOptions,
): void {
  const { seed, say } = options;
  say(`${finds.length === 0 ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s: ${what}`);
  if (finds.length === 0) return;
  const lines = told(finds).split('\n');
  for (const line of lines.slice(0, SHOWN_LINES)) say(`       ${line}`);
  if (lines.length > SHOWN_LINES) say(`       and ${lines.length - SHOWN_LINES} more`);
  say(`       again: pnpm chaos --seed ${seed} --only ${name}`);
}
