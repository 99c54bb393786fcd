import type { Services } from '../services.js';
import type { Report } from './report.js';

/** Dependencies of the checks. */
export interface ReconcileDeps extends Services {
  report: Report;
  /** Later changes are ignored, because a service may still be working on them; Unix milliseconds. */
  beforeMs: number;
}

/** Whether the last change was before the cutoff. */
export function isOld(
  at: string | Date | number | null,
  { beforeMs }: Pick<ReconcileDeps, 'beforeMs'>,
): boolean {
  return at !== null && new Date(at).getTime() < beforeMs;
}
