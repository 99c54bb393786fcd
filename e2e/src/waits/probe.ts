import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Response times in ms. */
interface Times {
  livez: number[];
  list: number[];
}

export interface Probe {
  /** A line about the response times since the last call. */
  summary(): Promise<string>;
  stop(): void;
}

/** Measures /livez and a list of another owner, see `probe.mjs`. */
export function startProbe(url: string): Probe {
  const child = fork(fileURLToPath(new URL('probe.mjs', import.meta.url)), [url]);
  return {
    async summary() {
      const received = once(child, 'message');
      child.send('next');
      const [{ livez, list }] = (await received) as [Times];
      return `livez ${quantiles(livez)}, list ${quantiles(list)}`;
    },
    stop: () => child.disconnect(),
  };
}

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  return `${at(0.5)}/${at(0.99)}/${at(1)} ms`;
}
