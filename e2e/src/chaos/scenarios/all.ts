import { FAULTPOINTS } from '@pixdock/shared/runtime/faultpoint';
import { OSS_FAULTS } from '../faults/oss.js';
import { REDIS_FAULTS } from '../faults/redis.js';
import { SERVICE_FAULTS } from '../faults/services.js';
import {
  continueAtOnce,
  deleteImage,
  flushAt,
  flushPointsLate,
  flushPointsRestored,
} from './flush-points.js';
import { killAtFirst, killAtSecond, killChains } from './kill-points.js';
import { KILLER } from './killer.js';
import { LOAD } from './load.js';
import { mixOf } from './mix.js';
import { PLACES, placesOf } from './places.js';
import type { Scenario } from './scenario.js';
import { underTraffic } from './under-traffic.js';
import { webhooksOf } from './webhooks.js';

const FAULTS = [...SERVICE_FAULTS, ...REDIS_FAULTS, ...OSS_FAULTS];

export const MIX = mixOf(FAULTS);

/** The scenarios of `pnpm chaos`, in order. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'kill-points',
    what: 'kill -9 at each faultpoint of API and worker, one after the other',
    parts: () => killChains(1).map((chain) => (run) => killAtFirst(run, chain)),
  },
  {
    name: 'kill-points-again',
    what: 'the same, and a second kill when the restarted service reaches the point again',
    parts: () => killChains(2).map((chain) => (run) => killAtSecond(run, chain)),
  },
  {
    name: 'flush-points',
    what: 'FLUSHALL at each faultpoint; the stopped service continues at once',
    parts: () => FAULTPOINTS.map((name) => (run) => flushAt(run, name, continueAtOnce)),
  },
  flushPointsRestored(placesOf('worker')),
  {
    name: 'flush-points-deleted',
    what: 'the same, and the image is deleted before the worker continues',
    parts: () =>
      placesOf('worker')
        .filter((name) => ['upload', 'import', 'review'].includes(PLACES[name].by))
        .map((name) => (run) => flushAt(run, name, deleteImage)),
  },
  flushPointsLate(FAULTPOINTS),
  KILLER,
  webhooksOf(500),
  ...FAULTS.map((fault) => underTraffic(fault)),
  MIX,
  LOAD,
];
