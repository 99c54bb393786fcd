import { bench, sayProgress } from '../command/bench.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { measureStart } from './start.js';
import { measureWithOutcomes, type WithOutcomes } from './with-outcomes.js';

const seconds = (value: number) => value.toFixed(2);

const COLUMNS: Columns<WithOutcomes> = [
  ['outcomes', ({ outcomes }) => String(outcomes)],
  ['API ready, s', ({ kept }) => seconds(kept.apiReady)],
  ['restored, s', ({ kept }) => seconds(kept.restored)],
  ['worker ready, s', ({ kept }) => seconds(kept.workerReady)],
  ['Redis empty: API ready, s', ({ emptied }) => seconds(emptied.apiReady)],
  ['waiting images queued, s', ({ emptied }) => seconds(emptied.waiting)],
  ['all images restored, s', ({ emptied }) => seconds(emptied.restored)],
];

export const start = bench({
  /** With outcomes, the start of API and worker beside them instead of that of `npm start`. */
  options: { times: 5, outcomes: [], waiting: 1000 },
  measure: async ({ times, outcomes: counts, waiting }) =>
    counts.length === 0
      ? await measureStart(times, sayProgress)
      : await measureWithOutcomes({ counts, waiting, times, say: sayProgress }),
  report(result) {
    if (Array.isArray(result)) return markdownTable(COLUMNS, result);
    const { api, everything } = result;
    return `API: ready after ${seconds(api.seconds)} s, ${seconds(api.cpuSeconds)} s of CPU time\nnpm start: ${seconds(everything.seconds)} s`;
  },
});
