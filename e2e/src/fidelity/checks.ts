import type { FidelityResult } from './fidelity.js';
import type { Judged } from './judge.js';
import { mean } from './table.js';

export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

const MAX_LARGER_SHARE = 0.03;
const MIN_SSIM = 0.98;
const MIN_SSIM_SHARE = 0.99;
/** Sources of a lower quality are already damaged. */
const GOOD_QUALITY = 75;
const MAX_MEAN_DELTA_E = 1;
/** Resizing filters round transparent edges in their own ways, so this holds only where the size stays the same. */
const MAX_ALPHA = 1;

/** Checks what docs/reliability.md promises about published pictures. */
export function checksOf({ judged, notCompared }: FidelityResult): Check[] {
  const larger = judged.filter(({ main }) => main.isLarger);
  const unexplained = larger.filter(({ main }) => main.reason === null);
  const largerInFormat = larger.filter(({ format, main }) => main.format === format);
  const lossless = judged.filter(({ main }) => main.mustBeIdentical);
  const changed = lossless.filter(({ main }) => !main.isIdentical);
  const known = judged.filter(({ colour }) => colour !== 'unknown');
  const lossy = known.filter(({ main, quality }) => main.isLossy && (quality ?? 0) > GOOD_QUALITY);
  const similar = lossy.filter(({ main }) => main.ssim >= MIN_SSIM);
  const deltaE = mean(known.map(({ main }) => main.deltaE));
  const transparency = judged.filter(({ main }) => main.isKept && main.alpha > MAX_ALPHA);
  const animations = judged.filter(({ main }) => main.findings.length > 0);
  return [
    none('every published image can be compared', notCompared.length, judged.length + notCompared.length),
    none('every main that is larger than the rule allows has a reason', unexplained.length, judged.length),
    check(
      'at most 3 % of the mains in the format of their source are larger than the rule allows',
      largerInFormat.length <= MAX_LARGER_SHARE * judged.length,
      share(largerInFormat, judged),
    ),
    none('every main of a lossless source has the same pixels', changed.length, lossless.length),
    check(
      'the SSIM of 99 % of the lossy mains is at least 0.98',
      similar.length >= MIN_SSIM_SHARE * lossy.length,
      share(similar, lossy),
    ),
    check('the mean ΔE2000 is less than 1', deltaE < MAX_MEAN_DELTA_E, deltaE.toFixed(3)),
    none('every main keeps its transparency', transparency.length, judged.length),
    none('every main keeps its size, frames, duration and loops', animations.length, judged.length),
  ];
}

const check = (name: string, ok: boolean, detail: string): Check => ({ name, ok, detail });
const none = (name: string, exceptions: number, all: number) =>
  check(name, exceptions === 0, `${all - exceptions} of ${all}`);
const share = (some: readonly Judged[], all: readonly Judged[]) => `${some.length} of ${all.length}`;
