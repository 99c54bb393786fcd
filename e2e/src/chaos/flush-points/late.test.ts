import { flushPointsLate, STAGES } from '../scenarios/flush-points.js';
import { placesOf } from '../scenarios/places.js';
import { testScenario } from './play.js';

testScenario('flush-points-late', [flushPointsLate([...placesOf('api'), ...STAGES])]);
