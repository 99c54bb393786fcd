import { ONE_LANE } from '../harness/stack.js';
import { checkWhenQuiet, told } from './check.js';
import type { Find } from './history.js';
import { openRandom } from './random.js';
import { openRuns, type Runs } from './runs.js';
import type { Context, Part, Scenario } from './scenarios/scenario.js';

export interface ChaosOptions extends Omit<Context, 'random'> {
  seed: number;
  signal: AbortSignal;
  /** Runs at a time; three unless given. */
  atOnce?: number;
  /** Whether workers decode one image at a time. */
  isOneLane?: boolean;
}

/** Runs at a time, of whatever scenario; most of what they do is to wait. */
const AT_ONCE = 3;
/** What is held back by a fault waits up to a minute, and a batch looks for lost jobs twice a minute. */
const QUIET_WITHIN_S = 150;
const SHOWN_LINES = 20;

export interface Score {
  passed: number;
  failed: number;
}

interface Play {
  scenario: Scenario;
  /** Parts that have not ended. */
  left: number;
  beganAt: number | null;
  finds: Find[];
}

/** Plays all parts of all scenarios, some at a time, and tells of each scenario what came of it. @throws when `signal` aborts */
export async function runChaos(scenarios: readonly Scenario[], options: ChaosOptions): Promise<Score> {
  const runs = openRuns(options.say, options.isOneLane === true ? ONE_LANE : {});
  const score: Score = { passed: 0, failed: 0 };
  const left = scenarios.flatMap((scenario) => {
    const random = openRandom(`${options.seed} ${scenario.name}`);
    const parts = scenario.parts({ ...options, random });
    const play: Play = { scenario, left: parts.length, beganAt: null, finds: [] };
    return parts.map((part) => ({ play, part }));
  });
  const lanes = Array.from({ length: Math.min(options.atOnce ?? AT_ONCE, left.length) }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { play, part } = next;
      play.beganAt ??= performance.now();
      play.finds.push(...(await playPart(runs, play.scenario.name, part, options.signal)));
      play.left--;
      if (play.left > 0) continue;
      score[play.finds.length === 0 ? 'passed' : 'failed']++;
      tell(play, Math.round((performance.now() - play.beganAt) / 1000), options);
    }
  });
  try {
    await orAbort(Promise.all(lanes), options.signal);
    return score;
  } finally {
    await runs.stop();
  }
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

function tell({ scenario: { name, what }, finds }: Play, seconds: number, { seed, say }: ChaosOptions): void {
  say(`${finds.length === 0 ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s: ${what}`);
  if (finds.length === 0) return;
  const lines = told(finds).split('\n');
  for (const line of lines.slice(0, SHOWN_LINES)) say(`       ${line}`);
  if (lines.length > SHOWN_LINES) say(`       and ${lines.length - SHOWN_LINES} more`);
  say(`       again: pnpm chaos --seed ${seed} --only ${name}`);
}
