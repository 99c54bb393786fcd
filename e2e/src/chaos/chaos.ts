import { checkWhenQuiet, formatFindings } from './check.js';
import type { Finding } from './history.js';
import { openRandom } from './random.js';
import type { Installation } from './run.js';
import { openRuns, type Runs } from './runs.js';
import type { Context, Part, Scenario } from './scenarios/scenario.js';

export interface ChaosOptions extends Omit<Context, 'random'> {
  seed: number;
  signal: AbortSignal;
  /** Runs at a time; three unless given. */
  atOnce?: number;
  /** What repeats a scenario; `pnpm chaos` unless given. */
  command?: string;
}

/** Runs at a time, across all scenarios; they spend most of their time waiting. */
const RUNS_AT_ONCE = 3;
/** A fault delays images by up to a minute, and a batch looks for lost jobs twice a minute. */
const QUIET_WITHIN_S = 150;
const SHOWN_LINES = 20;

export interface Score {
  passed: number;
  failed: number;
}

interface Play<R extends Installation> {
  scenario: Scenario<R>;
  /** Parts that have not ended. */
  remaining: number;
  beganAt: number | null;
  findings: Finding[];
}

/**
 * Plays the parts of all scenarios, a few at a time, and reports each scenario's result.
 * @param start makes what they break
 * @throws when `signal` aborts
 */
export async function runChaos<R extends Installation>(
  scenarios: readonly Scenario<R>[],
  start: () => Promise<R>,
  options: ChaosOptions,
): Promise<Score> {
  const runs = openRuns(start, options.say);
  const score: Score = { passed: 0, failed: 0 };
  const remaining = scenarios.flatMap((scenario) => {
    const random = openRandom(`${options.seed} ${scenario.name}`);
    const parts = scenario.parts({ ...options, random });
    const play: Play<R> = { scenario, remaining: parts.length, beganAt: null, findings: [] };
    return parts.map((part) => ({ play, part }));
  });
  const lanes = Array.from(
    { length: Math.min(options.atOnce ?? RUNS_AT_ONCE, remaining.length) },
    async () => {
      for (let next = remaining.shift(); next !== undefined; next = remaining.shift()) {
        const { play, part } = next;
        play.beganAt ??= performance.now();
        play.findings.push(...(await playPart(runs, play.scenario.name, part, options.signal)));
        play.remaining--;
        if (play.remaining > 0) continue;
        score[play.findings.length === 0 ? 'passed' : 'failed']++;
        report(play, Math.round((performance.now() - play.beganAt) / 1000), options);
      }
    },
  );
  try {
    await orAbort(Promise.all(lanes), options.signal);
    return score;
  } finally {
    await runs.stop();
  }
}

async function playPart<R extends Installation>(
  runs: Runs<R>,
  name: string,
  part: Part<R>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const run = await runs.take();
  const findings: Finding[] = [];
  try {
    await part(run);
  } catch (error) {
    findings.push({ about: name, what: (error as Error).message });
  }
  signal.throwIfAborted();
  findings.push(...(await checkWhenQuiet(run, QUIET_WITHIN_S)));
  for (const leak of run.leaks.inLog(run.logs()))
    findings.push({ about: 'the logs', what: `they reveal ${leak}` });
  await runs.giveBack(run, name, findings.length === 0);
  return findings;
}

function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    promise.then(resolve, reject);
  });
}

function report<R extends Installation>(
  { scenario: { name, what }, findings }: Play<R>,
  seconds: number,
  { seed, say, command = 'pnpm chaos' }: ChaosOptions,
): void {
  say(`${findings.length === 0 ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s: ${what}`);
  if (findings.length === 0) return;
  const lines = formatFindings(findings).split('\n');
  for (const line of lines.slice(0, SHOWN_LINES)) say(`       ${line}`);
  if (lines.length > SHOWN_LINES) say(`       and ${lines.length - SHOWN_LINES} more`);
  say(`       again: ${command} --seed ${seed} --only ${name}`);
}
