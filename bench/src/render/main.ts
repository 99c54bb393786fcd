import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { sayProgress, sayResult } from '../command/report.js';
import { wholeNumber } from '../command/whole-number.js';
import { markdownTable } from '../landing/table.js';
import { type KindResult, measureRender } from './render.js';

const USAGE =
  'pnpm bench:render --before CHECKOUT [--whole] [--images FOLDER] [--profile default] [--rounds 5] [--json]';

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    whole: { type: 'boolean', default: false },
    images: { type: 'string' },
    profile: { type: 'string', default: 'default' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const COLUMNS: readonly (readonly [head: string, cell: (kind: KindResult) => string])[] = [
  ['images', ({ kind, images }) => `${images} ${kind}`],
  ['before, CPU ms per image', ({ msPerImage }) => msPerImage[0]?.toFixed(1) ?? ''],
  ['now', ({ msPerImage }) => msPerImage[1]?.toFixed(1) ?? ''],
  ['×', ({ ratios }) => ratios[1]?.toFixed(2) ?? ''],
];

if (values.help || values.before === undefined) say(USAGE);
else {
  const kinds = await measureRender({
    checkouts: [resolve(values.before), fileURLToPath(new URL('../../..', import.meta.url))],
    isWhole: values.whole,
    images: values.images === undefined ? null : resolve(values.images),
    profile: values.profile,
    rounds: wholeNumber(values.rounds, '--rounds', USAGE),
    say: sayProgress,
  });
  sayResult(kinds, values.json, () => markdownTable(COLUMNS, kinds));
}
