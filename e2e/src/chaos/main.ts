import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import { readSettings } from '@pixdock/shared/runtime/env';
import { runChaos, type Score } from './chaos.js';
import { startHosts } from './hosts/hosts-run.js';
import { HOST_SCENARIOS, SHARED_DISK_SCENARIOS } from './hosts/scenarios.js';
import { startRun } from './run.js';
import { MIX, SCENARIOS } from './scenarios/all.js';

const USAGE =
  'pnpm chaos [--staging bucket] [--hosts 3] [--seed N] [--only NAME,…] [--uploads 400] [--soak 2h] [--list]';

const MIX_TIMES = { ms: 60_000, faultEveryMs: 8000 };
/** Time between two checks of a soak. */
const ROUND_MS = 5 * 60_000;
const SOAK_FAULT_EVERY_MS = 60_000;
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    /** `folder` or `bucket`. */
    staging: { type: 'string', default: 'folder' },
    hosts: { type: 'string' },
    only: { type: 'string' },
    uploads: { type: 'string' },
    soak: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);

process.env.PIXDOCK_TEST_STAGING = values.staging;

if (values.help) say(USAGE);
else if (values.list)
  for (const { name, what } of [...SCENARIOS, ...HOST_SCENARIOS]) say(`${name.padEnd(20)} ${what}`);
else {
  const interrupted = new AbortController();
  // Every lane of the traffic adds a listener.
  setMaxListeners(0, interrupted.signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  const { passed, failed } = await run(interrupted.signal).catch((error: unknown) => {
    say((error as Error).message);
    return { passed: 0, failed: 1 };
  });
  say(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function run(signal: AbortSignal): Promise<Score> {
  const settings = readSettings(
    { seed: values.seed, hosts: values.hosts, uploads: values.uploads, soak: values.soak },
    (read) => ({
      seed: read.integer('seed', Date.now() % 1_000_000, { min: 0, max: Number.MAX_SAFE_INTEGER }),
      hosts: read.integer('hosts', 1, { min: 1, max: 20 }),
      uploads: read.integer('uploads', values.hosts === undefined ? 400 : 2000, { min: 1, max: 1_000_000 }),
      soakMs: read.duration('soak', 0),
    }),
  );
  const { seed, hosts, uploads, soakMs } = settings;
  say(`seed ${seed}`);
  const options = { uploads, say, signal };
  if (hosts > 1) {
    const command = `pnpm chaos --hosts ${hosts}`;
    const start = () => startHosts(hosts, say);
    // One after the other, at the same installation.
    const onHosts = { ...options, seed, mix: MIX_TIMES, atOnce: 1, command };
    const scenarios = values.staging === 'bucket' ? HOST_SCENARIOS : SHARED_DISK_SCENARIOS;
    return runChaos(chosen(scenarios, values.only), start, onHosts);
  }
  if (soakMs === 0)
    return runChaos(chosen(SCENARIOS, values.only), startRun, { ...options, seed, mix: MIX_TIMES });
  return soak(soakMs, (nth, ms) => {
    const mix = { ms, faultEveryMs: SOAK_FAULT_EVERY_MS };
    return runChaos([MIX], startRun, { ...options, seed: seed + nth, mix });
  });
}

function chosen<S extends { name: string }>(scenarios: readonly S[], only: string | undefined): readonly S[] {
  if (only === undefined) return scenarios;
  return only.split(',').map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found === undefined) throw new TypeError(`no scenario ${name}: --list shows all scenarios`);
    return found;
  });
}

/** Repeats the round until the time is over. */
async function soak(ms: number, round: (nth: number, ms: number) => Promise<Score>): Promise<Score> {
  const end = performance.now() + ms;
  const score = { passed: 0, failed: 0 };
  for (let nth = 0; performance.now() < end; nth++) {
    const { passed, failed } = await round(nth, Math.min(ROUND_MS, end - performance.now()));
    score.passed += passed;
    score.failed += failed;
  }
  return score;
}
