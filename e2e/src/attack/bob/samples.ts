/** Times in ms of one kind of request. */
export interface Times {
  count: number;
  p50: number;
  p99: number;
  worst: number;
}

export interface Samples {
  add(ms: number): void;
  take(): Times;
}

export function openSamples(): Samples {
  let all: number[] = [];
  return {
    add: (ms) => void all.push(ms),
    take() {
      const sorted = all.toSorted((a, b) => a - b);
      all = [];
      const at = (share: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
      return { count: sorted.length, p50: at(0.5), p99: at(0.99), worst: sorted.at(-1) ?? 0 };
    },
  };
}
