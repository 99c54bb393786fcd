import { signal } from '@preact/signals';
import { canRetry, hasProblem, isFinished, type Upload } from './upload.js';

/** The sums over all uploads. */
export interface Totals {
  files: number;
  finished: number;
  published: number;
  /** Files that the server already had. */
  known: number;
  problems: number;
  /** Problems that another try may solve. */
  retryable: number;
  /** At the server, whatever their outcome. */
  arrived: number;
  sentBytes: number;
  totalBytes: number;
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

const NONE: Totals = {
  files: 0,
  finished: 0,
  published: 0,
  known: 0,
  problems: 0,
  retryable: 0,
  arrived: 0,
  sentBytes: 0,
  totalBytes: 0,
  bytesPerSecond: null,
  secondsLeft: null,
};

/** Four times per second: adding a thousand uploads at each progress event would cost more than the uploads. */
const SAMPLE_MS = 250;

/** Adds up the uploads. @returns the sums, and a function that ends the sampling */
export function sampleTotals(uploads: () => readonly Upload[]) {
  const totals = signal<Totals>(NONE);
  const rate = openRate();
  const sample = () => {
    const sums = addUp(uploads());
    const isSending = sums.arrived < sums.files;
    const measured = rate.add(sums.sentBytes, performance.now());
    const bytesPerSecond = isSending && measured !== null && measured > 0 ? measured : null;
    const secondsLeft = bytesPerSecond === null ? null : (sums.totalBytes - sums.sentBytes) / bytesPerSecond;
    totals.value = { ...sums, bytesPerSecond, secondsLeft };
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return { totals, sample, stop: () => clearInterval(timer) };
}

/** The sums without the rate. */
export function addUp(uploads: readonly Upload[]): Totals {
  const sums = { ...NONE };
  for (const upload of uploads) {
    const state = upload.state.peek();
    if (state === 'canceled') continue;
    sums.files++;
    sums.totalBytes += upload.file.size;
    const isFinal = isFinished(upload);
    const isThere = isFinal || state === 'accepted';
    sums.sentBytes += isThere ? upload.file.size : upload.sentBytes.peek();
    if (isThere) sums.arrived++;
    if (isFinal) sums.finished++;
    if (state === 'published') sums.published++;
    if (state === 'known') sums.known++;
    if (hasProblem(upload)) sums.problems++;
    if (canRetry(upload)) sums.retryable++;
  }
  return sums;
}

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
