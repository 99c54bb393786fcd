import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { runStatus, type StatusSummary } from './status.js';

const COLUMNS: Columns<StatusSummary> = [
  ['side', ({ name }) => name],
  ['requests/s', (side) => side.requestsPerSecond.toFixed(0)],
  ['× bare Hono', (side) => side.rateRatio.toFixed(2)],
  ['CPU µs, server', (side) => side.serverMicros.toFixed(0)],
  ['× bare Hono', (side) => side.cpuRatio.toFixed(2)],
  ['CPU µs, Redis', (side) => side.redisMicros.toFixed(0)],
];

export const status = bench({
  options: { rounds: 5, seconds: 2, connections: 32, images: 100, 'cpu-prof': '' },
  measure: ({ 'cpu-prof': folder, ...given }) =>
    runStatus({ ...given, profileFolder: folder || null, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.sides)}`,
});
