import type { OpsParts } from '../parts.js';
import type { Report } from './report.js';

/** What a check works with. */
export interface ReconcileDeps extends OpsParts {
  report: Report;
  /** What changed after this moment may be in hand, and is left alone; in ms. */
  beforeMs: number;
}

/** Whether nothing was changed since the moment before which things are looked at. */
export function isOld(
  at: string | Date | number | null,
  { beforeMs }: Pick<ReconcileDeps, 'beforeMs'>,
): boolean {
  return at !== null && new Date(at).getTime() < beforeMs;
}
