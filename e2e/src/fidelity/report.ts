import { checksOf } from './checks.js';
import type { Comparison } from './compare.js';
import { lineOfCpu } from './cpu.js';
import type { FidelityResult } from './fidelity.js';
import type { Judged } from './judge.js';
import { tableOf } from './table.js';

/** From these values on, people see a difference beside the source. */
const VISIBLE = { ssim: 0.95, deltaE: 2, worstTile: 10, alpha: 2 };
const LISTED = 300;

/** The table, what is larger, visible, refused or not compared, and the checks. */
export function reportOf(result: FidelityResult): { lines: string[]; isPassed: boolean } {
  const { judged, refused, notCompared, cpu } = result;
  const larger = judged.filter(({ main }) => main.isLarger);
  const visible = judged.flatMap(visibleIn).toSorted((a, b) => a.ssim - b.ssim);
  const checks = checksOf(result);
  const failed = checks.filter(({ ok }) => !ok).length;
  const lines = [
    ...tableOf(judged),
    '',
    lineOfCpu(cpu),
    ...listOf('larger than the rule allows', larger.map(lineOfLarger)),
    ...listOf(
      'visibly different',
      visible.map(({ line }) => line),
    ),
    ...listOf(
      'refused',
      refused.map(([name, code]) => `${code}  ${name}`),
    ),
    ...listOf(
      'not compared',
      notCompared.map(([name, why]) => `${name}: ${why}`),
    ),
    '',
    ...checks.map(({ name, ok, detail }) => `${ok ? 'passed' : 'FAILED'} ${name}: ${detail}`),
    '',
    `${checks.length - failed} passed, ${failed} failed`,
  ];
  return { lines, isPassed: failed === 0 };
}

function listOf(title: string, all: readonly string[]): string[] {
  if (all.length === 0) return [];
  const rest = all.length > LISTED ? [`  … and ${all.length - LISTED} more`] : [];
  return ['', `${all.length} ${title}:`, ...all.slice(0, LISTED).map((line) => `  ${line}`), ...rest];
}

const lineOfLarger = ({ name, main }: Judged) =>
  `${main.ratio.toFixed(2)} ×  ${main.bytes} bytes  ${name}  ${main.reason ?? 'no reason'}`;

function visibleIn({ name, colour, main, others }: Judged): { ssim: number; line: string }[] {
  const note = colour === 'unknown' ? '  (the colours of the source are a guess)' : '';
  return [['main', main] as const, ...Object.entries(others)]
    .filter(([, compared]) => isVisible(compared))
    .map(([variant, compared]) => ({
      ssim: compared.ssim,
      line: `${lineOf(compared)}  ${variant}  ${name}${note}`,
    }));
}

function isVisible({ ssim, deltaE, worstTile, alpha, findings }: Comparison): boolean {
  const isDifferent = deltaE > VISIBLE.deltaE || worstTile > VISIBLE.worstTile || alpha > VISIBLE.alpha;
  return isDifferent || ssim < VISIBLE.ssim || findings.length > 0;
}

function lineOf({ ssim, deltaE, worstTile, alpha, findings }: Comparison): string {
  const worst = worstTile.toFixed(1).padStart(5);
  const values = `SSIM ${ssim.toFixed(4)}  ΔE ${deltaE.toFixed(2).padStart(5)}  worst ${worst}  alpha ${alpha.toFixed(1)}`;
  return [values, ...findings].join('  ');
}
