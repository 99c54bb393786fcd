import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const HAN = /\p{Script=Han}/u;
const SOURCE = /\.(ts|tsx|mts|js|mjs|lua|sh)$/;
/** Chinese belongs in catalogs; tests, their fixtures and examples of user data may contain it too. */
const ALLOWED = /(^|\/)(messages|testing|fixtures)\/|\.test\.(ts|mjs)$|^e2e\/|^examples\//;

it('finds Chinese text only in messages/ folders, tests and docs', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  const sources = files.filter((file) => SOURCE.test(file) && !ALLOWED.test(file));
  expect(sources.length).toBeGreaterThan(100);
  const withChinese = sources.filter((file) => hasChinese(file));
  expect(withChinese).toEqual([]);
});

function hasChinese(file: string): boolean {
  try {
    return HAN.test(readFileSync(join(ROOT, file), 'utf8'));
  } catch (error) {
    // Deleted, but not committed yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
