import { flushPointsLate } from '../scenarios/flush-points.js';
import { placesOf } from '../scenarios/places.js';
import { testScenario } from './play.js';

/** One point of each stage of the worker; the other scenarios and `pnpm chaos` cover all of them. */
const WORKER_POINTS = [
  'item-entered',
  'fetch-brought',
  'run-rendered',
  'variant-stored',
  'main-stored',
  'run-finished',
  'object-removed',
] as const;

testScenario('flush-points-late', [flushPointsLate([...placesOf('api'), ...WORKER_POINTS])]);
