import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { headOf } from '../command/machine.js';
import { sayProgress, sayResult } from '../command/report.js';
import { wholeNumber } from '../command/whole-number.js';
import { markdownTable } from '../landing/table.js';
import { type AcceptSummary, runAccept } from './accept.js';

const USAGE =
  'pnpm bench:accept [--rounds 5] [--pictures 40] [--in-flight 8] [--at-once 50] [--json] [--cpu-prof FOLDER]';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    pictures: { type: 'string', default: '40' },
    'in-flight': { type: 'string', default: '8' },
    'at-once': { type: 'string', default: '50' },
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const COLUMNS: readonly (readonly [head: string, cell: (side: AcceptSummary) => string])[] = [
  ['side', ({ name }) => name],
  ['CPU ms, server', (side) => side.serverMs.toFixed(1)],
  ['× raw', (side) => side.ratio.toFixed(2)],
  ['CPU ms, Redis', (side) => side.redisMs.toFixed(1)],
  ['accept p50 / p99, ms', ({ p50Ms, p99Ms }) => `${p50Ms.toFixed(0)} / ${p99Ms.toFixed(0)}`],
];

if (values.help) say(USAGE);
else {
  const result = await runAccept({
    rounds: numberOf('rounds'),
    pictures: numberOf('pictures'),
    inFlight: numberOf('in-flight'),
    atOnce: numberOf('at-once'),
    profileFolder: values['cpu-prof'] ?? null,
    say: sayProgress,
  });
  const { sides, memory, redisBytesPerWaiting, commandsPerUpload } = result;
  const commands = Object.entries(commandsPerUpload)
    .filter(([, count]) => count >= 0.5)
    .map(([name, count]) => `${name} ${count.toFixed(1)}`);
  sayResult(result, values.json, () =>
    [
      headOf(result),
      '',
      markdownTable(COLUMNS, sides),
      '',
      `${memory.atOnce} uploads of 12 MP at once: ${(memory.peakMib - memory.idleMib).toFixed(0)} MiB above ${memory.idleMib.toFixed(0)} MiB`,
      `Redis: ${redisBytesPerWaiting.toFixed(0)} bytes for each waiting image`,
      `Redis commands for each upload: ${commands.join(', ')}`,
    ].join('\n'),
  );
}

function numberOf(name: 'rounds' | 'pictures' | 'in-flight' | 'at-once'): number {
  return wholeNumber(values[name], `--${name}`, USAGE);
}
