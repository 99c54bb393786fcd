import { bench, sayProgress } from '../command/bench.js';
import { runLanding } from './landing.js';
import { tableOf } from './table.js';

export const landing = bench({
  options: { rounds: 5, pictures: 40, only: '', 'in-flight': 8, 'cpu-prof': '' },
  measure: ({ rounds, pictures, only, 'in-flight': inFlight, 'cpu-prof': folder }) =>
    runLanding({
      rounds,
      pictures,
      inFlight,
      only: only === '' ? null : only.split(','),
      profileFolder: folder || null,
      say: sayProgress,
    }),
  report: tableOf,
});
