/** Long enough to be calm, short enough to follow a change of the network. */
const WINDOW_MS = 10_000;

/** Measures the rate of a counter over the last ten seconds. */
export function openRate() {
  let samples: { at: number; amount: number }[] = [];
  return {
    /** Adds the current amount. @returns units per second; null until the rate is known */
    add(amount: number, at: number): number | null {
      const last = samples.at(-1);
      // A canceled upload takes its bytes away.
      if (last !== undefined && amount < last.amount) samples = [];
      samples.push({ at, amount });
      samples = samples.filter((sample) => sample.at >= at - WINDOW_MS);
      const [first] = samples;
      if (first === undefined || at - first.at < 500) return null;
      return ((amount - first.amount) * 1000) / (at - first.at);
    },
  };
}
