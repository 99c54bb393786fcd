import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { measureRedisUse } from './redis-use.js';

interface Row {
  of: string;
  requests: number;
  commands: number;
  connections?: number;
  cpuMicros: number;
  recordBytes?: number;
}

const orNone = (value: number | undefined) => value?.toFixed(0) ?? '–';
const COLUMNS: Columns<Row> = [
  ['', ({ of }) => of],
  ['requests', ({ requests }) => requests.toFixed(1)],
  ['commands', ({ commands }) => commands.toFixed(1)],
  ['connections', ({ connections }) => orNone(connections)],
  ['CPU µs', ({ cpuMicros }) => cpuMicros.toFixed(0)],
  ['bytes', ({ recordBytes }) => orNone(recordBytes)],
];

export const redis = bench({
  options: { images: 500, seconds: 60 },
  measure: ({ images, seconds }) => measureRedisUse({ images, seconds, say: sayProgress }),
  report({ idle, image, ...where }) {
    const rows = idle.map((use) => ({ of: `idle ${use.process}, each second`, ...use }));
    return `${headOf(where)}\n\n${markdownTable(COLUMNS, [...rows, { of: 'image', ...image }])}`;
  },
});
