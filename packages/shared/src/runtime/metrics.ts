import type { ErrorCode } from '@pixdock/contract/error-table';
import type { FinalStatus } from '@pixdock/contract/status';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { clockAheadMs } from './clock.js';

/** The metrics of a process. Labels have few values: never an id, an owner or a host. */
export interface Metrics {
  contentType: string;
  /** All metrics in the text format of Prometheus. */
  text(): Promise<string>;
}

/** @param update sets the gauges before each response */
export function openMetrics(registry: Registry, update: () => Promise<void> | void): Metrics {
  const clock = new Gauge({
    name: 'pixdock_clock_ahead_seconds',
    help: 'How far the clock of this host is ahead of that of Redis; negative if it is behind',
    registers: [registry],
  });
  let isStarted = false;
  return {
    contentType: registry.contentType,
    async text() {
      // The timer that measures the lag of the event loop takes 0.2 % of a core, so a process without a reader has none.
      if (!isStarted) collectDefaults(registry);
      isStarted = true;
      clock.set(clockAheadMs() / 1000);
      await update();
      return registry.metrics();
    },
  };
}

/** Leaves out the utilization of the event loop, whose timer would cost as much CPU time as all other metrics together. */
function collectDefaults(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: LONGEST_TIMER_MS });
  for (const type of ['summary', 'histogram'])
    registry.removeSingleMetric(`nodejs_eventloop_utilization_${type}`);
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const KINDS = ['single', 'item'] as const;
type Kind = (typeof KINDS)[number];

/** Counts finished images. The API counts invalid rows, which fail at the submission; workers count all others. */
export function countImages(registry: Registry) {
  const counter = new Counter({
    name: 'pixdock_images_total',
    help: 'Finished images by outcome, error code (empty unless failed or canceled) and kind (single, item of a batch)',
    labelNames: ['outcome', 'code', 'kind'],
    registers: [registry],
  });
  return (outcome: FinalStatus, code: ErrorCode | '', kind: Kind, count = 1) =>
    counter.inc({ outcome, code, kind }, count);
}

/** Measures calls of OSS. */
export function measureOssCalls(registry: Registry) {
  const histogram = new Histogram({
    name: 'pixdock_oss_call_seconds',
    help: 'Requests to OSS, each retry apart, by operation and result: OK, a known code, or the kind of any other fault',
    labelNames: ['operation', 'code'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return ({ operation, code, seconds }: { operation: string; code: string; seconds: number }) =>
    histogram.observe({ operation, code }, seconds);
}
