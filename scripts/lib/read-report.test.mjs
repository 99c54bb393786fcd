import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../packages/shared/src/testing/temporary-folder.js';
import { readReport } from './run-tests.mjs';

function report(...files) {
  const folder = temporaryFolder();
  const testResults = files.map(([status, ...tests], index) => ({
    name: `/checkout/${index}.test.ts`,
    status,
    message: status === 'failed' ? '\u001b[31mError: no such module\u001b[39m\n  at y' : '',
    assertionResults: tests.map((outcome) => ({
      status: outcome,
      fullName: `suite ${outcome}`,
      failureMessages: outcome === 'failed' ? ['AssertionError: 1 is not 2\n  at x'] : [],
    })),
  }));
  writeFileSync(join(folder, 'report.json'), JSON.stringify({ testResults }));
  return join(folder, 'report.json');
}

test('counts tests, and a file that cannot be loaded as a failure', () => {
  const path = report(['passed', 'passed', 'skipped', 'todo'], ['failed', 'failed', 'passed'], ['failed']);
  expect(readReport(path, 1, '/checkout')).toEqual({
    passed: 2,
    skipped: 2,
    failures: [
      '1.test.ts > suite failed\n    AssertionError: 1 is not 2',
      '2.test.ts\n    Error: no such module',
    ],
  });
});

test('counts one failure for an exit code without a failed test, or without a report', () => {
  expect(readReport(report(['passed', 'passed']), 1, '/checkout').failures).toHaveLength(1);
  expect(readReport('/nowhere/report.json', 1, '/checkout')).toMatchObject({ passed: 0, skipped: 0 });
  expect(readReport('/nowhere/report.json', 1, '/checkout').failures).toHaveLength(1);
});
