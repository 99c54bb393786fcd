import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { markdownTable } from '../landing/table.js';
import { runStatus, type StatusSummary } from './status.js';

const USAGE =
  'pnpm bench:status [--rounds 5] [--seconds 2] [--connections 32] [--images 100] [--json] [--cpu-prof FOLDER]';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '32' },
    images: { type: 'string', default: '100' },
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const COLUMNS: readonly (readonly [head: string, cell: (side: StatusSummary) => string])[] = [
  ['side', ({ name }) => name],
  ['requests/s', (side) => side.requestsPerSecond.toFixed(0)],
  ['× bare Hono', (side) => side.rateRatio.toFixed(2)],
  ['CPU µs, server', (side) => side.serverMicros.toFixed(0)],
  ['× bare Hono', (side) => side.cpuRatio.toFixed(2)],
  ['CPU µs, Redis', (side) => side.redisMicros.toFixed(0)],
];

if (values.help) say(USAGE);
else {
  const result = await runStatus({
    rounds: wholeNumber('rounds'),
    seconds: wholeNumber('seconds'),
    connections: wholeNumber('connections'),
    images: wholeNumber('images'),
    profileFolder: values['cpu-prof'] ?? null,
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  const { date, machine, sides } = result;
  say(
    values.json
      ? JSON.stringify(result, null, 2)
      : `${date}, ${machine.cores} × ${machine.cpu}, Node ${machine.node}\n\n${markdownTable(COLUMNS, sides)}`,
  );
}

function wholeNumber(name: 'rounds' | 'seconds' | 'connections' | 'images'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new TypeError(`--${name} is a whole number from 1: ${USAGE}`);
}
