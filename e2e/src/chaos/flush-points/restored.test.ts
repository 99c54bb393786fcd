import { flushPointsRestored, STAGES } from '../scenarios/flush-points.js';
import { testScenario } from './play.js';

testScenario('flush-points-restored', [flushPointsRestored(STAGES)]);
