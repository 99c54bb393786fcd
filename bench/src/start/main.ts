import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { sayProgress, sayResult } from '../command/report.js';
import { wholeNumber } from '../command/whole-number.js';
import { markdownTable } from '../landing/table.js';
import { measureStart } from './start.js';
import { measureWithOutcomes, type WithOutcomes } from './with-outcomes.js';

const USAGE = 'pnpm bench:start [--times 5] [--json] [--outcomes 0,300000,3000000 [--waiting 1000]]';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '5' },
    outcomes: { type: 'string' },
    waiting: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const seconds = (value: number) => value.toFixed(2);

const COLUMNS: readonly (readonly [head: string, cell: (row: WithOutcomes) => string])[] = [
  ['outcomes', ({ outcomes }) => String(outcomes)],
  ['API ready, s', ({ kept }) => seconds(kept.apiReady)],
  ['restored, s', ({ kept }) => seconds(kept.restored)],
  ['worker ready, s', ({ kept }) => seconds(kept.workerReady)],
  ['Redis empty: API ready, s', ({ emptied }) => seconds(emptied.apiReady)],
  ['waiting images queued, s', ({ emptied }) => seconds(emptied.waiting)],
  ['all images restored, s', ({ emptied }) => seconds(emptied.restored)],
];

if (values.help) say(USAGE);
else {
  const times = wholeNumber(values.times, '--times', USAGE);
  if (values.outcomes === undefined) await reportStart(times);
  else await reportWithOutcomes(times, values.outcomes);
}

async function reportStart(times: number): Promise<void> {
  const result = await measureStart(times, sayProgress);
  const { api, everything } = result;
  sayResult(
    result,
    values.json,
    () =>
      `API: ready after ${seconds(api.seconds)} s, ${seconds(api.cpuSeconds)} s of CPU time\nnpm start: ${seconds(everything.seconds)} s`,
  );
}

async function reportWithOutcomes(times: number, outcomes: string): Promise<void> {
  const result = await measureWithOutcomes({
    counts: outcomes.split(',').map((count) => wholeNumber(count, '--outcomes', USAGE, 0)),
    waiting: wholeNumber(values.waiting, '--waiting', USAGE),
    times,
    say: sayProgress,
  });
  sayResult(result, values.json, () => markdownTable(COLUMNS, result));
}
