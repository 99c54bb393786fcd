import type { Measured } from './measure.js';
import type { Level } from './meter.js';
import type { BatchRun } from './run-batch.js';

/** Lines of a table: name and value. */
export type Numbers = readonly (readonly [name: string, value: string])[];

/**
 * Formats the measurements.
 * @param reading levels while the reports were read
 */
export function numbersOf({ idle, busy, level, large }: Measured, reading: Level): Numbers {
  return [
    ['', `${level.total} rows → ${large.total} rows`],
    ['accepted in', both((run) => `${run.acceptSeconds.toFixed(1)} s`)],
    ['finished in', both((run) => `${run.runSeconds.toFixed(1)} s`)],
    ['items a second', both((run) => (run.total / run.runSeconds).toFixed(1))],
    ['API accepting, MiB', both((run) => run.accepting.api.toFixed(0))],
    ['  until the end', both((run) => run.peak.api.toFixed(0))],
    ['  reading reports', reading.api.toFixed(0)],
    ['worker, MiB', both((run) => run.peak.worker.toFixed(0))],
    ['its children, MiB', both((run) => run.peak.children.toFixed(0))],
    ['Redis, MiB', both((run) => run.peak.redis.toFixed(1))],
    ['  KiB a row more', (((large.peak.redis - level.peak.redis) * 1024) / large.total).toFixed(1)],
    ['jobs at a time', both((run) => String(run.peak.jobs))],
    ['Redis commands an item', both((run) => (run.spent.commands / run.total).toFixed(1))],
    ['CPU an item, ms: API', both((run) => perItem(run, 'api'))],
    ['  worker', both((run) => perItem(run, 'worker'))],
    ['  its children', both((run) => perItem(run, 'children'))],
    ['  Redis', both((run) => perItem(run, 'redis'))],
    ['single upload, p50', `${idle.p50.toFixed(0)} → ${busy.p50.toFixed(0)} ms`],
    ['single upload, p95', `${idle.p95.toFixed(0)} → ${busy.p95.toFixed(0)} ms`],
  ];

  function both(show: (run: BatchRun) => string): string {
    return `${show(level)} → ${show(large)}`;
  }
}

function perItem({ spent, total }: BatchRun, part: 'api' | 'worker' | 'children' | 'redis'): string {
  return ((spent[part] * 1000) / total).toFixed(1);
}
