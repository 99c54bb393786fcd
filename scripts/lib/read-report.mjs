import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { TESTS } from '../messages/tests.mjs';
import { inLanguage } from './say.mjs';

/**
 * Reads a JSON report of vitest. There is at least one failure when its exit code says so.
 * @returns `{ passed, skipped, failures }`; a failure is the file, the test and the first line of its error.
 */
export function readReport(path, code, root) {
  const files = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).testResults : [];
  const statuses = files.flatMap((file) => file.assertionResults.map((test) => test.status));
  const failures = files.flatMap((file) => failuresOf(file, relative(root, file.name)));
  if (failures.length === 0 && code !== 0) failures.push(inLanguage(TESTS.vitestFailed({ code })));
  const passed = statuses.filter((status) => status === 'passed').length;
  const failed = statuses.filter((status) => status === 'failed').length;
  return { passed, skipped: statuses.length - passed - failed, failures };
}

/** A file that cannot be loaded, or whose set-up fails, fails without a failed test in it. */
function failuresOf({ status, message, assertionResults }, file) {
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return status === 'failed' ? [`${file}\n    ${firstLine(message)}`] : [];
  return tests.map(
    ({ fullName, failureMessages }) => `${file} > ${fullName}\n    ${firstLine(failureMessages?.[0])}`,
  );
}

const firstLine = (message = '') => stripVTControlCharacters(message).trim().split('\n')[0];
