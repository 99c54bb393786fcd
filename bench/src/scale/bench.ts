import { bench, sayProgress } from '../command/bench.js';
import { runFeed } from './feed.js';
import { runScale, type ScaleResult } from './scale.js';

export const scale = bench({
  options: {
    rows: 100_000,
    'level-rows': 1000,
    'single-uploads': 300,
    format: 'csv',
    seed: Date.now() % 1_000_000,
    times: 1,
  },
  async measure({ format: given, seed, times, ...numbers }) {
    const { rows, 'level-rows': levelRows, 'single-uploads': singleUploads } = numbers;
    const interrupted = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
    const { signal } = interrupted;
    if (times > 1) return runFeed({ rows, isBusy: false, say: sayProgress, signal });
    const format = given === 'workbook' ? 'workbook' : 'csv';
    const how = { rows, levelRows, singleUploads, format, seed, hasSlow: true, isBusy: false } as const;
    return runScale({ ...how, say: sayProgress, signal }).catch((error: unknown) => {
      // Errors that follow an interruption are meaningless.
      throw signal.aborted ? signal.reason : error;
    });
  },
  report({ numbers }: ScaleResult) {
    const width = Math.max(...numbers.map(([name]) => name.length));
    return numbers.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
  },
  judge: ({ checks }) => checks,
});
