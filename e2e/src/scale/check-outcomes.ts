import type { Stack } from '../harness/stack.js';
import { compareBucket } from './bucket.js';
import type { Checks } from './checks.js';
import { readReport } from './report.js';
import { type Rows, rowAt } from './rows.js';
import type { BatchRun } from './run-batch.js';
import type { Sources } from './sources.js';

interface Ended {
  stack: Stack;
  sources: Sources;
  batches: readonly (readonly [BatchRun, Rows])[];
  /** Of the images that were uploaded singly. */
  urls: readonly string[];
}

/** What was promised of what is there in the end. */
export async function checkOutcomes(checks: Checks, { stack, sources, batches, urls }: Ended): Promise<void> {
  const all = new Set(urls);
  for (const [{ batch, total }, rows] of batches) {
    const report = await readReport(stack, batch.id, rows);
    checks.none(
      `every row has its outcome, in order (${total} rows)`,
      report.lines === total ? report.finds : [`${report.lines} lines`, ...report.finds],
      `${report.lines} lines, ${report.urls.size} published`,
    );
    const { published, failed } = batch.counts;
    const isCounted = published === report.urls.size && failed === total - report.urls.size;
    checks.add(`the counts are those of the report (${total} rows)`, isCounted, JSON.stringify(batch.counts));
    for (const url of report.urls) all.add(url);
    checks.none(`no source is asked in vain (${total} rows)`, askedInVain(sources, rows), 'none');
  }
  const { objects, finds } = await compareBucket(stack, all);
  checks.none('each published image has its objects, and there are no others', finds, `${objects} objects`);
}

/** A picture is fetched once, also where several rows have its address. */
function askedInVain(sources: Sources, rows: Rows): string[] {
  const finds: string[] = [];
  for (let place = 0; place < rows.total; place++) {
    const { url } = rowAt(rows, place);
    const [, act] = /^http:..[^/]+\/(image|flaky)\//.exec(url) ?? [];
    if (act === undefined) continue;
    const [asked, times] = [sources.asked(url), act === 'flaky' ? 2 : 1];
    if (asked !== times) finds.push(`${url}: ${asked} times`);
  }
  return finds;
}
