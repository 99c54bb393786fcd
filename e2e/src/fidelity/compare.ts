import type { Decoded } from './decoders/decoder.js';
import { compareFrames, type Difference, isIdentical, worstOf } from './metrics/compare-frames.js';

export interface Comparison extends Difference {
  /** Differences of size, frames, duration and loops, in words. */
  findings: string[];
}

/** An animation is compared in evenly spread frames, which have at most these pixels together. */
const MAX_PIXELS = 16_000_000;

/** Compares a published variant with its source, frame by frame; the worst frame counts. */
export async function compare(source: Decoded, variant: Decoded): Promise<Comparison> {
  const { width, height } = source;
  if (variant.width !== width || variant.height !== height) {
    const finding = `size ${width}×${height}, then ${variant.width}×${variant.height}`;
    return { ssim: 0, deltaE: 100, worstTile: 100, alpha: 255, isIdentical: false, findings: [finding] };
  }
  const step = Math.max(1, Math.ceil((source.delays.length * width * height) / MAX_PIXELS));
  const shownAt = frameFinder(source, variant);
  const differences: Difference[] = [];
  let distinct = 0;
  let last: Uint8Array | null = null;
  for (let index = 0; index < source.delays.length; index++) {
    const frame = await source.frame(index);
    if (last === null || !isIdentical(last, frame)) distinct++;
    last = frame;
    if (index % step > 0) continue;
    differences.push(compareFrames(frame, await variant.frame(shownAt(index)), width, height));
  }
  return { ...worstOf(differences), findings: animationFindings(source, variant, distinct) };
}

/** Finds the frame of the variant that is shown in the middle of a frame of the source. */
function frameFinder(source: Decoded, variant: Decoded): (index: number) => number {
  if (source.delays.length === variant.delays.length) return (index) => index;
  const [starts, variantStarts] = [startsOf(source), startsOf(variant)];
  return (index) => {
    const middle = (starts[index] ?? 0) + (source.delays[index] ?? 0) / 2;
    return Math.max(
      0,
      variantStarts.findLastIndex((start) => start <= middle),
    );
  };
}

function startsOf({ delays }: Decoded): number[] {
  let at = 0;
  return delays.map((delay) => (at += delay) - delay);
}

/** @param distinct frames of the source that differ from the one before; an encoder may merge equal ones */
function animationFindings(source: Decoded, variant: Decoded, distinct: number): string[] {
  const [frames, variantFrames] = [source.delays.length, variant.delays.length];
  const findings: string[] = [];
  if (variantFrames < distinct || variantFrames > frames)
    findings.push(`frames ${frames}, then ${variantFrames}`);
  if (frames === 1 || variantFrames === 1) return findings;
  const [before, after] = [durationOf(source), durationOf(variant)];
  if (before !== after) findings.push(`duration ${before} ms, then ${after} ms`);
  if (source.plays !== variant.plays) findings.push(`plays ${source.plays}, then ${variant.plays}`);
  return findings;
}

const durationOf = ({ delays }: Decoded) => delays.reduce((sum, delay) => sum + delay, 0);
