import type { Sample } from './measure.js';
import type { Side } from './side.js';

/** Medians over the rounds. */
export interface Summary {
  name: string;
  imagesPerCoreSecond: number;
  msPerImage: number;
  msByProcess: Readonly<Record<string, number>>;
  imagesPerSecond: number;
  /** Median of the ratios to the first side in the same round. */
  perCoreSecondRatio: number;
  perSecondRatio: number;
  acceptP50Ms: number | null;
  acceptP99Ms: number | null;
  peakMib: number;
  bytesPerImage: number;
  requestsPerImage: number;
  redisBytesPerImage: number | null;
}

/** @param rounds the samples of each round, in the order of the sides */
export function summarize(
  sides: readonly Pick<Side, 'name'>[],
  rounds: readonly (readonly Sample[])[],
): { otherLoad: number; sides: Summary[] } {
  return {
    otherLoad: median(rounds.flat().map(({ otherLoad }) => otherLoad)),
    sides: sides.map(({ name }, i) => ({ name, ...summaryOf(rounds, i) })),
  };
}

type Figure = Exclude<keyof Sample, 'acceptMs' | 'msByProcess' | 'redisBytesPerImage'>;

function summaryOf(rounds: readonly (readonly Sample[])[], side: number): Omit<Summary, 'name'> {
  const own = rounds.flatMap((round) => round[side] ?? []);
  const first = rounds.flatMap((round) => round[0] ?? []);
  const of = (figure: Figure) => median(own.map((sample) => sample[figure]));
  const ratio = (figure: Figure) =>
    median(own.map((sample, i) => sample[figure] / (first[i]?.[figure] ?? Number.NaN)));
  const names = Object.keys(own[0]?.msByProcess ?? {});
  const accepted = own.flatMap(({ acceptMs }) => acceptMs);
  const redis = own.flatMap(({ redisBytesPerImage }) => redisBytesPerImage ?? []);
  return {
    imagesPerCoreSecond: of('imagesPerCoreSecond'),
    msPerImage: of('msPerImage'),
    msByProcess: Object.fromEntries(
      names.map((name) => [name, median(own.map((sample) => sample.msByProcess[name] ?? 0))]),
    ),
    imagesPerSecond: of('imagesPerSecond'),
    perCoreSecondRatio: ratio('imagesPerCoreSecond'),
    perSecondRatio: ratio('imagesPerSecond'),
    acceptP50Ms: quantile(accepted, 0.5),
    acceptP99Ms: quantile(accepted, 0.99),
    peakMib: of('peakMib'),
    bytesPerImage: of('bytesPerImage'),
    requestsPerImage: of('requestsPerImage'),
    redisBytesPerImage: redis.length === 0 ? null : median(redis),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
