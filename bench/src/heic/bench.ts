import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { type Cost, measureHeic } from './heic.js';

const COLUMNS: Columns<Cost> = [
  ['source', ({ source }) => source],
  ['KiB', ({ kib }) => kib.toFixed(0)],
  ['CPU ms of the worker', ({ workerMs }) => workerMs.toFixed(0)],
];

export const heic = bench({
  options: { images: 10 },
  measure: ({ images }) => measureHeic({ images, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.costs)}`,
});
