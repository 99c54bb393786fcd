const WINDOW_MS = 10_000;
const SAMPLE_MS = 250;

/** Measures units per second over the last ten seconds. */
export function createRate(now: () => number = Date.now): { add(units: number): void; perSecond(): number } {
  let total = 0;
  let samples = [{ at: now(), total: 0 }];
  return {
    add(units) {
      total += units;
      const last = samples.at(-1);
      if (last === undefined || now() - last.at >= SAMPLE_MS) samples.push({ at: now(), total });
    },
    perSecond() {
      const recent = samples.findIndex(({ at }) => at >= now() - WINDOW_MS);
      if (recent === -1) samples = samples.slice(-1);
      else if (recent > 1) samples = samples.slice(recent - 1);
      const [first] = samples;
      const seconds = first === undefined ? 0 : (now() - first.at) / 1000;
      return first === undefined || seconds < 0.5 ? 0 : (total - first.total) / seconds;
    },
  };
}
