import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import { ROOT } from './scripts/lib/root.mjs';

const TESTS = ['{apps,packages}/*/src/**/*.test.ts', '{e2e,bench}/src/**/*.test.ts', 'scripts/**/*.test.mjs'];

/** Tests with limits on time or memory, which they could miss beside other tests. */
const MEASURING = [
  'apps/api/src/batch-formats/{csv,receive-items}.test.ts',
  'apps/api/src/body/form-part.test.ts',
  'apps/api/src/routes/batches/report-ndjson.test.ts',
  'apps/worker/src/image/{bombs,running-time}.test.ts',
  'apps/worker/src/fetch/{answers,naming}.test.ts',
  'packages/object-store/src/open.test.ts',
  'packages/shared/src/state/manifest/duplicates.test.ts',
  'e2e/src/load.test.ts',
  'e2e/src/api/{memory,redis-away}.test.ts',
  'e2e/src/attack/attack.test.ts',
  'e2e/src/ops/beside-load.test.ts',
];
const MOCKING = mockingFiles();

/** Files that start services take longest. They run first, so that no long one is left for a single vitest worker at the end. */
class ServicesFirst extends BaseSequencer {
  async sort(files) {
    const startsServices = ({ moduleId }) => /^(?:e2e|bench|scripts)\//.test(relative(ROOT, moduleId));
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer of Vitest is no array
    const sorted = await super.sort(files);
    return [...sorted.filter(startsServices), ...sorted.filter((file) => !startsServices(file))];
  }
}

export default defineConfig({
  ssr: { resolve: { conditions: ['development', 'node', 'import', 'module', 'default'] } },
  test: {
    setupFiles: ['packages/shared/src/testing/exit-with-vitest.ts'],
    globalSetup: ['e2e/src/harness/bundle-services.mjs'],
    // Only what hangs is ended: a machine with other work may keep a test from its turn for minutes.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: ServicesFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'beside',
          include: TESTS,
          exclude: [...MEASURING, ...MOCKING],
          // Loading the same libraries again for each file costs a tenth of all CPU time.
          isolate: false,
          // Most tests spend their time waiting.
          maxWorkers: 2 * availableParallelism(),
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: MEASURING,
          exclude: MOCKING,
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'mocking', include: MOCKING, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});

/** The test files that replace a module: they need a process of their own, in which no other file has loaded it. */
function mockingFiles() {
  return sourceFolders().flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .map((name) => `${folder}/${String(name)}`)
      .filter((path) => /\.test\.(ts|mjs)$/.test(path))
      .filter((path) => /\bvi\.(mock|doMock)\(/.test(readFileSync(join(ROOT, path), 'utf8'))),
  );
}

function sourceFolders() {
  const packages = ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}/src`),
  );
  return [...packages, 'e2e/src', 'bench/src', 'scripts'].filter((folder) => existsSync(join(ROOT, folder)));
}
