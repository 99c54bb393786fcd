import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { type Processes, runHosts } from './hosts.js';

const COLUMNS: Columns<Processes> = [
  ['APIs', ({ apis }) => String(apis)],
  ['workers', ({ workers }) => String(workers)],
  ['images/s', ({ imagesPerSecond }) => imagesPerSecond.toFixed(1)],
  ['CPU ms per image', ({ msPerImage }) => msPerImage.toFixed(0)],
  ['Redis ms per image', ({ redisMsPerImage }) => redisMsPerImage.toFixed(2)],
  ['other cores', ({ otherLoad }) => otherLoad.toFixed(2)],
];

export const hosts = bench({
  options: { pictures: 300, 'in-flight': 32, workers: [1, 2, 4], apis: [1, 3] },
  measure: ({ 'in-flight': inFlight, ...given }) => runHosts({ ...given, inFlight, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.rows)}`,
});
