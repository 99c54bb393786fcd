import { OSS_FAULTS } from '../faults/oss.js';
import { REDIS_FAULTS } from '../faults/redis.js';
import { SERVICE_FAULTS } from '../faults/services.js';
import { killAtFirst, killAtSecond, killChains } from './kill-points.js';
import { KILLER } from './killer.js';
import { LOAD } from './load.js';
import { mixOf } from './mix.js';
import type { Scenario } from './scenario.js';
import { underTraffic } from './under-traffic.js';

const FAULTS = [...SERVICE_FAULTS, ...REDIS_FAULTS, ...OSS_FAULTS];

export const MIX = mixOf(FAULTS);

/** All that `pnpm chaos` does, in this order. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'kill-points',
    what: 'kill -9 at each faultpoint of API and worker, one after the other',
    parts: () => killChains(1).map((chain) => (run) => killAtFirst(run, chain)),
  },
  {
    name: 'kill-points-again',
    what: 'the same, and once more where the repeat comes by',
    parts: () => killChains(2).map((chain) => (run) => killAtSecond(run, chain)),
  },
  KILLER,
  ...FAULTS.map(underTraffic),
  MIX,
  LOAD,
];
