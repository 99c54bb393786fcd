import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { wholeNumber } from '../command/whole-number.js';
import { runScale } from './scale.js';
import { printTable } from './table.js';

const USAGE = 'pnpm scale [--rows 100000] [--level-rows 1000] [--seed N] [--single-uploads 300]';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    'level-rows': { type: 'string', default: '1000' },
    'single-uploads': { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) say(USAGE);
else {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  process.exitCode = await run(interrupted.signal).catch((error: unknown) => {
    // Errors that follow an interruption are meaningless.
    const { message } = (interrupted.signal.aborted ? interrupted.signal.reason : error) as Error;
    say(`${message}\n\n0 passed, 1 failed`);
    return 1;
  });
}

async function run(signal: AbortSignal): Promise<number> {
  const result = await runScale({
    rows: numberOf('rows'),
    levelRows: numberOf('level-rows'),
    singleUploads: numberOf('single-uploads'),
    seed: numberOf('seed'),
    hasSlow: true,
    isBusy: false,
    say,
    signal,
  });
  printTable(result);
  return result.checks.every(({ ok }) => ok) ? 0 : 1;
}

function numberOf(name: Exclude<keyof typeof values, 'help'>): number {
  return wholeNumber(values[name], `--${name}`, USAGE);
}
