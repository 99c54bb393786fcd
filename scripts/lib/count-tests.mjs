import { existsSync, readFileSync } from 'node:fs';

/** What a vitest JSON report says, and at least one failure when vitest's exit code says so. */
export function countTests(reportPath, exitCode) {
  const report = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, 'utf8')) : { testResults: [] };
  const files = report.testResults;
  const states = files.flatMap((file) => file.assertionResults.map((test) => test.status));
  const passed = states.filter((state) => state === 'passed').length;
  const failedTests = states.filter((state) => state === 'failed').length;
  // A file that cannot be loaded, or whose set-up fails, fails without a failed test in it.
  const failedFiles = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = failedTests + failedFiles;
  const skipped = states.length - passed - failedTests;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}

/** `3 passed, 0 failed`, with `, 1 skipped` when some were. */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
