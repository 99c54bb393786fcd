import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { runLanding } from './landing.js';
import { tableOf } from './table.js';

const USAGE =
  'pnpm bench [--rounds 5] [--pictures 40] [--only SIDE,SIDE] [--in-flight 8] [--json] [--cpu-prof FOLDER]';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    pictures: { type: 'string', default: '40' },
    'in-flight': { type: 'string', default: '8' },
    only: { type: 'string' },
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) say(USAGE);
else {
  const result = await runLanding({
    rounds: wholeNumber('rounds'),
    pictures: wholeNumber('pictures'),
    inFlight: wholeNumber('in-flight'),
    only: values.only?.split(',') ?? null,
    profileFolder: values['cpu-prof'] ?? null,
    // Standard output is for the result.
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  say(values.json ? JSON.stringify(result, null, 2) : tableOf(result));
}

function wholeNumber(name: 'rounds' | 'pictures' | 'in-flight'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new TypeError(`--${name} is a whole number from 1: ${USAGE}`);
}
