import { testScenario } from './play.js';

testScenario('flush-points-deleted');
