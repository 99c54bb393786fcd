import type { Comparison } from './compare.js';
import type { Judged } from './judge.js';

type Row = readonly string[];

const HEADER: Row = [
  'source → main',
  'images',
  'bytes ×',
  'median ×',
  'larger',
  'no reason',
  'lossy',
  'SSIM p1',
  'SSIM mean',
  'ΔE mean',
  'ΔE p99',
  'alpha',
  'changed',
];

/** A line per pair of formats, one for all mains and one per other variant. */
export function tableOf(judged: readonly Judged[]): string[] {
  const rows = [...groupsOf(judged)].map(([name, group]) => rowOf(name, group));
  const variants = [...new Set(judged.flatMap(({ others }) => Object.keys(others)))];
  const table = [
    HEADER,
    ...rows,
    rowOf('all', judged),
    ...variants.map((name) => rowOfVariant(name, judged)),
  ];
  const widths = HEADER.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  return table.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}

function groupsOf(judged: readonly Judged[]): [string, Judged[]][] {
  const groups = new Map<string, Judged[]>();
  for (const one of judged) {
    const name = `${one.format} → ${one.main.format}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function rowOf(name: string, judged: readonly Judged[]): Row {
  const mains = judged.map(({ main }) => main);
  const larger = mains.filter(({ isLarger }) => isLarger);
  const bytes = mains.reduce((sum, main) => sum + main.bytes, 0);
  const sourceBytes = mains.reduce((sum, main) => sum + main.bytes / main.ratio, 0);
  const exact = mains.filter(({ mustBeIdentical }) => mustBeIdentical);
  return [
    name,
    String(mains.length),
    (bytes / sourceBytes).toFixed(2),
    quantile(
      mains.map(({ ratio }) => ratio),
      0.5,
    ).toFixed(2),
    String(larger.length),
    String(larger.filter(({ reason }) => reason === null).length),
    String(mains.filter(({ isLossy }) => isLossy).length),
    ...similarity(judged.filter(({ colour }) => colour !== 'unknown').map(({ main }) => main)),
    `${exact.filter(({ isIdentical }) => !isIdentical).length} of ${exact.length}`,
  ];
}

function rowOfVariant(name: string, judged: readonly Judged[]): Row {
  const known = judged.filter(({ colour }) => colour !== 'unknown');
  const compared = known.flatMap(({ others }) => others[name] ?? []);
  return [name, String(compared.length), '', '', '', '', '', ...similarity(compared), ''];
}

function similarity(compared: readonly Comparison[]): Row {
  const ssims = compared.map(({ ssim }) => ssim);
  const deltas = compared.map(({ deltaE }) => deltaE);
  return [
    quantile(ssims, 0.01).toFixed(4),
    mean(ssims).toFixed(4),
    mean(deltas).toFixed(3),
    quantile(deltas, 0.99).toFixed(2),
    Math.max(0, ...compared.map(({ alpha }) => alpha)).toFixed(2),
  ];
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
