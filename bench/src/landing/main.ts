import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { sayProgress, sayResult } from '../command/report.js';
import { wholeNumber } from '../command/whole-number.js';
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
    rounds: numberOf('rounds'),
    pictures: numberOf('pictures'),
    inFlight: numberOf('in-flight'),
    only: values.only?.split(',') ?? null,
    profileFolder: values['cpu-prof'] ?? null,
    say: sayProgress,
  });
  sayResult(result, values.json, () => tableOf(result));
}

function numberOf(name: 'rounds' | 'pictures' | 'in-flight'): number {
  return wholeNumber(values[name], `--${name}`, USAGE);
}
