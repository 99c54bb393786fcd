import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { headOf } from '../command/machine.js';
import { endWith, sayProgress, sayResult } from '../command/report.js';
import { wholeNumber } from '../command/whole-number.js';
import { markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { type AtLatency, runSlowOss } from './slow-oss.js';

const USAGE =
  'pnpm bench:slow-oss [--rounds 3] [--pictures 300] [--in-flight 64] [--latencies 200,1000] [--side pixdock-raw] [--json]';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    pictures: { type: 'string', default: '300' },
    'in-flight': { type: 'string', default: '64' },
    latencies: { type: 'string', default: '200,1000' },
    side: { type: 'string', default: 'pixdock-raw' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** The least share of the rate without latency. Other latencies are only shown. */
const LEAST_RATIOS = new Map([
  [200, 0.95],
  [1000, 0.9],
]);

const COLUMNS: readonly (readonly [head: string, cell: (row: AtLatency) => string])[] = [
  ['OSS responds after', ({ latencyMs }) => `${latencyMs} ms`],
  ['images/s', (row) => row.imagesPerSecond.toFixed(1)],
  ['× 0 ms', ({ ratio }) => ratio.toFixed(2)],
  ['CPU ms per image', (row) => row.msPerImage.toFixed(0)],
];

if (values.help) say(USAGE);
else {
  const result = await runSlowOss({
    rounds: numberOf('rounds'),
    pictures: numberOf('pictures'),
    inFlight: numberOf('in-flight'),
    latenciesMs: values.latencies.split(',').map((latency) => wholeNumber(latency, '--latencies', USAGE)),
    sideName: values.side,
    say: sayProgress,
  });
  const { rows } = result;
  sayResult(result, values.json, () => `${headOf(result)}\n\n${markdownTable(COLUMNS, rows)}`);
  const checks = openChecks(sayProgress);
  for (const { latencyMs, ratio } of rows) {
    const least = LEAST_RATIOS.get(latencyMs);
    if (least !== undefined)
      checks.add(`at ${latencyMs} ms at least ${least} of the rate`, ratio >= least, ratio.toFixed(3));
  }
  endWith(checks.all);
}

function numberOf(name: 'rounds' | 'pictures' | 'in-flight'): number {
  return wholeNumber(values[name], `--${name}`, USAGE);
}
