import { relative } from 'node:path';

/** Seconds of each test file that takes one or more, by its path; `PIXDOCK_WRITE_DURATIONS=1 npm test` writes it. */
export const DURATIONS_PATH = new URL('../test-durations.json', import.meta.url);

/** The durations in a JSON report of vitest, as test-durations.json has them: longest first. */
export function durationsOf(report, root) {
  const entries = report.testResults.map(({ name, startTime, endTime }) => [
    relative(root, name),
    Math.round((endTime - startTime) / 100) / 10,
  ]);
  const listed = entries.filter(([, seconds]) => seconds >= 1);
  return Object.fromEntries(listed.toSorted(([, a], [, b]) => b - a));
}
