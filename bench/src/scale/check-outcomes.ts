import type { Stack } from '@pixdock/e2e/harness/stack';
import { compareBucket } from './bucket.js';
import type { Checks } from './checks.js';
import { readReport } from './report.js';
import { type Rows, rowAt } from './rows.js';
import type { BatchRun } from './run-batch.js';
import type { Sources } from './sources.js';
import { countReturnedUrls } from './workbook.js';

interface Ended {
  stack: Stack;
  sources: Sources;
  batches: readonly (readonly [BatchRun, Rows])[];
  /** URLs of the single uploads. */
  urls: readonly string[];
}

/** Checks the outcome of the batches: reports, counts, source requests and objects. */
export async function checkOutcomes(checks: Checks, { stack, sources, batches, urls }: Ended): Promise<void> {
  const all = new Set(urls);
  for (const [{ batch, total }, rows] of batches) {
    const report = await readReport(stack, batch.id, rows);
    checks.none(
      `every row has its outcome, in order (${total} rows)`,
      report.lines === total ? report.findings : [`${report.lines} lines`, ...report.findings],
      `${report.lines} lines, ${report.urls.size} published`,
    );
    const { published, failed } = batch.counts;
    const isCounted = published === report.urls.size && failed === total - report.urls.size;
    checks.add(`the counts match the report (${total} rows)`, isCounted, JSON.stringify(batch.counts));
    if (rows.format === 'workbook') {
      const returned = await countReturnedUrls(stack, batch.id);
      checks.add(`the workbook has every URL (${total} rows)`, returned === published, `${returned}`);
    }
    for (const url of report.urls) all.add(url);
    checks.none(`no source gets a needless request (${total} rows)`, needlessRequests(sources, rows), 'none');
  }
  const { objects, findings } = await compareBucket(stack, all);
  checks.none(
    'every published image has its objects, and the bucket has no others',
    findings,
    `${objects} objects`,
  );
}

/** A picture is fetched once, even when several rows have its URL. */
function needlessRequests(sources: Sources, rows: Rows): string[] {
  const findings: string[] = [];
  for (let place = 0; place < rows.total; place++) {
    const { url } = rowAt(rows, place);
    const [, act] = /^http:..[^/]+\/(image|flaky)\//.exec(url) ?? [];
    if (act === undefined) continue;
    const [requests, expected] = [sources.requests(url), act === 'flaky' ? 2 : 1];
    if (requests !== expected) findings.push(`${url}: ${requests} requests`);
  }
  return findings;
}
