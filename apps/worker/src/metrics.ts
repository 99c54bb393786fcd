import { ERROR_CODES } from '@pixdock/contract/error-table';
import { STAGES } from '@pixdock/contract/image';
import { DECISIONS } from '@pixdock/contract/review';
import { FINAL_STATUSES } from '@pixdock/contract/status';
import {
  countImages,
  KINDS,
  type Metrics,
  measureOssCalls,
  openMetrics as openText,
} from '@pixdock/shared/runtime/metrics';
import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { CircuitBreaker } from './admission/circuit-breaker.js';

/** Why a decoder process ended before its worker. */
export const DECODER_ENDS = ['crash', 'memory', 'timeout', 'fault', 'aborted'] as const;
const BATCH_ENDS = ['finished', 'canceled', 'deleted'] as const;

/** The counters of a worker. */
export function openCounters() {
  const registry = new Registry();
  const registers = [registry];
  const counters = {
    registry,
    image: countImages(registry),
    ossCall: measureOssCalls(registry),
    batches: new Counter({
      name: 'pixdock_batches_total',
      help: 'Batches that ended by status; a batch whose failures are retried ends again',
      labelNames: ['status'],
      registers,
    }),
    stages: new Histogram({
      name: 'pixdock_image_stage_seconds',
      help: 'Time that published and failed images spent in each stage, with the time they waited in it',
      labelNames: ['stage', 'kind'],
      // An image takes a second; an item of a large batch waits for hours.
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200],
      registers,
    }),
    decoderRestarts: new Counter({
      name: 'pixdock_decoder_restarts_total',
      help: 'Decoder processes that were replaced, by reason; aborted is normal: a stop, a deletion, or the turn of another owner',
      labelNames: ['reason'],
      registers,
    }),
    reviews: new Counter({
      name: 'pixdock_reviews_total',
      help: 'Requests to the http reviewer by decision; failed without a decision',
      labelNames: ['decision'],
      registers,
    }),
    webhooksDropped: new Counter({
      name: 'pixdock_webhook_events_dropped_total',
      help: 'Events for webhook endpoints that were dropped, because those that their owner has pending use all its space',
      registers,
    }),
  };
  startAtZero(counters);
  return counters;
}

export type WorkerCounters = ReturnType<typeof openCounters>;

/** A series that begins above 0 has no increase: without these, the first failure would raise no alert. */
function startAtZero({
  image,
  batches,
  stages,
  decoderRestarts,
  reviews,
}: Omit<WorkerCounters, 'registry'>): void {
  for (const kind of KINDS) {
    for (const status of FINAL_STATUSES)
      if (status !== 'failed') image(status, status === 'canceled' ? status : '', kind, 0);
    for (const code of ERROR_CODES) image('failed', code, kind, 0);
    for (const stage of STAGES) if (stage !== 'published') stages.zero({ stage, kind });
  }
  for (const status of BATCH_ENDS) batches.inc({ status }, 0);
  for (const decision of [...DECISIONS, 'failed']) reviews.inc({ decision }, 0);
  for (const reason of DECODER_ENDS) decoderRestarts.inc({ reason }, 0);
}

const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 };

/** The metrics of a worker: its counters, and the state of its circuit breaker. */
export function openMetrics({ registry }: WorkerCounters, breaker: Pick<CircuitBreaker, 'state'>): Metrics {
  const gauge = new Gauge({
    name: 'pixdock_circuit_breaker_state',
    help: 'Circuit breaker of this worker in front of OSS: 0 closed, 1 half-open, 2 open',
    registers: [registry],
  });
  return openText(registry, () => gauge.set(BREAKER_STATES[breaker.state()]));
}
