import { FAULTPOINTS } from '@pixdock/shared/runtime/faultpoint';
import { OSS_FAULTS } from '../faults/oss.js';
import { REDIS_FAULTS } from '../faults/redis.js';
import { SERVICE_FAULTS } from '../faults/services.js';
import { flushAt, isDeleted, isRestored, nothing, takesOver } from './flush-points.js';
import { killAtFirst, killAtSecond, killChains } from './kill-points.js';
import { KILLER } from './killer.js';
import { LOAD } from './load.js';
import { mixOf } from './mix.js';
import { PLACES, placesOf } from './places.js';
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
  {
    name: 'flush-points',
    what: 'FLUSHALL at each faultpoint, and what was stopped there goes on at once',
    parts: () => FAULTPOINTS.map((name) => (run) => flushAt(run, name, nothing)),
  },
  {
    name: 'flush-points-restored',
    what: 'the same with the worker, which goes on when all is restored',
    parts: () => placesOf('worker').map((name) => (run) => flushAt(run, name, isRestored)),
  },
  {
    name: 'flush-points-deleted',
    what: 'the same, and the image is deleted by then',
    parts: () =>
      placesOf('worker')
        .filter((name) => PLACES[name].by === 'upload' || PLACES[name].by === 'import')
        .map((name) => (run) => flushAt(run, name, isDeleted)),
  },
  {
    name: 'flush-points-late',
    what: 'the same, and it goes on when another one has taken over',
    parts: () => FAULTPOINTS.map((name) => (run) => flushAt(run, name, takesOver)),
  },
  KILLER,
  ...FAULTS.map(underTraffic),
  MIX,
  LOAD,
];
