import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench, sayProgress } from '../command/bench.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { type KindResult, measureRender } from './render.js';

const COLUMNS: Columns<KindResult> = [
  ['images', ({ kind, images }) => `${images} ${kind}`],
  ['before, CPU ms per image', ({ msPerImage }) => msPerImage[0]?.toFixed(1) ?? ''],
  ['now', ({ msPerImage }) => msPerImage[1]?.toFixed(1) ?? ''],
  ['×', ({ ratios }) => ratios[1]?.toFixed(2) ?? ''],
];

export const render = bench({
  argument: 'CHECKOUT',
  options: { whole: false, images: '', profile: 'default', rounds: 5 },
  measure: ({ whole, images, profile, rounds }, before) =>
    measureRender({
      checkouts: [resolve(before), fileURLToPath(new URL('../../..', import.meta.url))],
      isWhole: whole,
      images: images === '' ? null : resolve(images),
      profile,
      rounds,
      say: sayProgress,
    }),
  report: (kinds) => markdownTable(COLUMNS, kinds),
});
