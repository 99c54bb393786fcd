import type { Checks } from './checks.js';
import type { Measured } from './measure.js';
import type { Level } from './meter.js';

/** Allowed increase of the memory of API and worker from the small batch to the large one. */
const RISE_MIB = 96;
/** Active items of one batch, plus the jobs that manage it. */
const MAX_JOBS = 600;
/** Time from the first byte of a single upload to its URL, at p95, while the batch keeps two cores busy. */
const MAX_UPLOAD_MS = 500;

/**
 * Checks the promises about a batch in progress.
 * @param reading levels while the reports were read
 * @param isBusy whether other programs may delay uploads
 */
export function checkRun(
  checks: Checks,
  { idle, busy, level, large }: Measured,
  reading: Level,
  isBusy: boolean,
): void {
  for (const service of ['api', 'worker'] as const) {
    const rise = Math.max(large.peak[service], reading[service]) - level.peak[service];
    const seen = `${signed(rise)} MiB from ${level.peak[service].toFixed(0)} MiB at ${level.total} rows`;
    checks.add(`memory of the ${service} rises by less than ${RISE_MIB} MiB`, rise < RISE_MIB, seen);
  }
  const { jobs } = large.peak;
  checks.add(`no more than ${MAX_JOBS} jobs at a time`, jobs <= MAX_JOBS, `${jobs}`);
  for (const { batch, findings, polls } of [level, large])
    checks.none(`counts add up and never decrease (${batch.total} rows)`, findings, `${polls} states`);
  const times = `${busy.p95.toFixed(0)} ms of ${MAX_UPLOAD_MS} (idle ${idle.p95.toFixed(0)}); ${busy.urls.length} uploads`;
  if (isBusy) checks.show('time of a single upload (p95), not judged beside other programs', times);
  else checks.add('a single upload is not delayed (p95)', busy.p95 <= MAX_UPLOAD_MS, times);
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(0)}`;
