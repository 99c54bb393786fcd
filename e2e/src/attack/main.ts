import { parseArgs } from 'node:util';
import type { Attack } from './attack.js';
import { ATTACKS } from './attacks/all.js';
import { lineOf } from './report.js';
import { runAttack } from './run-attack.js';
import { openStage } from './stage.js';

const USAGE = 'pnpm attack [--size 10] [--only NAME,…] [--seed N] [--slack MS] [--busy] [--list]';

/** No attack starts after this, so that the command ends within 40 minutes. */
const LAST_START_MS = 38 * 60_000;
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '10' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    slack: { type: 'string' },
    busy: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);

if (values.help) say(USAGE);
else if (values.list) for (const { name, about } of ATTACKS) say(`${name.padEnd(20)} ${about}`);
else {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  const failed = await run(interrupted.signal).catch((error: unknown) => {
    say(`${(error as Error).message}\n\n0 passed, 1 failed`);
    return 1;
  });
  process.exitCode = failed === 0 ? 0 : 1;
}

async function run(signal: AbortSignal): Promise<number> {
  const options = {
    size: wholeNumber('size'),
    seed: wholeNumber('seed'),
    slackMs: values.slack === undefined ? null : wholeNumber('slack'),
    isBusy: values.busy,
  };
  const attacks = chosen(values.only);
  say(`${attacks.length} attacks, size ${options.size}, seed ${options.seed}`);
  const start = performance.now();
  let passed = 0;
  let failed = 0;
  for (const attack of attacks) {
    const isLate = performance.now() - start > LAST_START_MS;
    const line = signal.aborted || isLate ? 'FAILED: not run' : await runIn(attack, options);
    if (line.startsWith('passed')) passed++;
    else failed++;
    say(line.startsWith('FAILED:') ? `${line} (${attack.name})` : line);
  }
  say(`\n${passed} passed, ${failed} failed`);
  return failed;
}

/** Runs an attack in a new stack. */
async function runIn(attack: Attack, options: Parameters<typeof runAttack>[2]): Promise<string> {
  try {
    await using stage = await openStage(attack);
    return lineOf(attack.name, await runAttack(stage, attack, options));
  } catch (error) {
    return `FAILED: ${(error as Error).message.slice(0, 2000)}`;
  }
}

function chosen(only: string | undefined): readonly Attack[] {
  if (only === undefined) return ATTACKS;
  return only.split(',').map((name) => {
    const found = ATTACKS.find((attack) => attack.name === name);
    if (found === undefined) throw new TypeError(`no attack ${name}: --list names them all`);
    return found;
  });
}

function wholeNumber(name: 'size' | 'seed' | 'slack'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new TypeError(`--${name} is a whole number from 1: ${USAGE}`);
}
