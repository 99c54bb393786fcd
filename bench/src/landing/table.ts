import { headOf } from '../command/machine.js';
import type { LandingResult } from './landing.js';
import type { Summary } from './summarize.js';

export type Columns<T> = readonly (readonly [head: string, cell: (row: T) => string])[];

const COLUMNS: Columns<Summary> = [
  ['side', ({ name }) => name],
  ['images per core-second', (side) => side.imagesPerCoreSecond.toFixed(1)],
  ['CPU ms per image', (side) => side.msPerImage.toFixed(0)],
  ['×', (side) => side.perCoreSecondRatio.toFixed(2)],
  ['images/s ×', (side) => side.perSecondRatio.toFixed(2)],
  ['accept p50 / p99, ms', ({ acceptP50Ms, acceptP99Ms }) => both(acceptP50Ms, acceptP99Ms)],
  ['peak MiB', (side) => side.peakMib.toFixed(0)],
  ['KiB per image', (side) => (side.bytesPerImage / 1024).toFixed(0)],
  ['OSS requests', (side) => side.requestsPerImage.toFixed(2)],
  ['Redis bytes', ({ redisBytesPerImage: bytes }) => bytes?.toFixed(0) ?? '–'],
];

/** The result as a Markdown table, with the circumstances above it. */
export function tableOf(result: LandingResult): string {
  const { options, otherLoad, sides } = result;
  return [
    headOf(result),
    `${options.pictures} pictures, ${options.inFlight} in flight, medians of ${options.rounds} rounds; × is the ratio to the first side`,
    `other programs used ${otherLoad.toFixed(2)} cores`,
    '',
    markdownTable(COLUMNS, sides),
    '',
    ...sides.flatMap(partsOf),
  ].join('\n');
}

export function markdownTable<T>(columns: Columns<T>, items: readonly T[]): string {
  const rows = [columns.map(([head]) => head), ...items.map((item) => columns.map(([, cell]) => cell(item)))];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lineOf = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [lineOf(head), lineOf(widths.map((width) => '-'.repeat(width))), ...body.map(lineOf)].join('\n');
}

/** CPU by process, of a side that has several. */
function partsOf({ name, msByProcess }: Summary): string[] {
  const parts = Object.entries(msByProcess);
  if (parts.length === 1) return [];
  return [`${name}: ${parts.map(([process, ms]) => `${process} ${ms.toFixed(1)} ms`).join(', ')}`];
}

const both = (p50: number | null, p99: number | null) =>
  p50 === null || p99 === null ? '–' : `${p50.toFixed(0)} / ${p99.toFixed(0)}`;
