import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { countTests, summary } from './count-tests.mjs';
import { isNewEnough } from './node-version.mjs';

function report(...files) {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-report-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const testResults = files.map(([status, ...tests]) => ({
    status,
    assertionResults: tests.map((one) => ({ status: one })),
  }));
  writeFileSync(join(folder, 'report.json'), JSON.stringify({ testResults }));
  return join(folder, 'report.json');
}

test('tests are counted; a file that cannot be loaded is a failure', () => {
  const path = report(['passed', 'passed', 'skipped', 'todo'], ['failed', 'passed', 'failed'], ['failed']);
  expect(countTests(path, 1)).toEqual({ passed: 2, failed: 2, skipped: 2 });
});

test('an exit code without a failed test, or no report at all, is one failure', () => {
  expect(countTests(report(['passed', 'passed']), 1).failed).toBe(1);
  expect(countTests('/nowhere/report.json', 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('the last line', () => {
  expect(summary({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(summary({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});

test('Node 20.19 is the oldest', () => {
  expect(['18.20.0', '20.18.9', '20.19.0', '22.3.0', '24.0.0'].map(isNewEnough)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});
