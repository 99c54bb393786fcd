import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { headOf } from '../command/machine.js';
import { sayProgress, sayResult } from '../command/report.js';
import { wholeNumber } from '../command/whole-number.js';
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
    rounds: numberOf('rounds'),
    seconds: numberOf('seconds'),
    connections: numberOf('connections'),
    images: numberOf('images'),
    profileFolder: values['cpu-prof'] ?? null,
    say: sayProgress,
  });
  sayResult(result, values.json, () => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.sides)}`);
}

function numberOf(name: 'rounds' | 'seconds' | 'connections' | 'images'): number {
  return wholeNumber(values[name], `--${name}`, USAGE);
}
