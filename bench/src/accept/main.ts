import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
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
    rounds: wholeNumber('rounds'),
    pictures: wholeNumber('pictures'),
    inFlight: wholeNumber('in-flight'),
    atOnce: wholeNumber('at-once'),
    profileFolder: values['cpu-prof'] ?? null,
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  const { date, machine, sides, memory, redisBytesPerWaiting, commandsPerUpload } = result;
  const commands = Object.entries(commandsPerUpload)
    .filter(([, count]) => count >= 0.5)
    .map(([name, count]) => `${name} ${count.toFixed(1)}`);
  say(
    values.json
      ? JSON.stringify(result, null, 2)
      : [
          `${date}, ${machine.cores} × ${machine.cpu}, Node ${machine.node}`,
          '',
          markdownTable(COLUMNS, sides),
          '',
          `${memory.atOnce} uploads of 12 MP at once: ${(memory.peakMib - memory.idleMib).toFixed(0)} MiB above ${memory.idleMib.toFixed(0)} MiB`,
          `Redis: ${redisBytesPerWaiting.toFixed(0)} bytes for each waiting image`,
          `Redis commands for each upload: ${commands.join(', ')}`,
        ].join('\n'),
  );
}

function wholeNumber(name: 'rounds' | 'pictures' | 'in-flight' | 'at-once'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new TypeError(`--${name} is a whole number from 1: ${USAGE}`);
}
