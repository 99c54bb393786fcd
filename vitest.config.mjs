import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/lib/longest-first.mjs';
import { ROOT } from './scripts/lib/root.mjs';
import { mockingFiles } from './scripts/lib/test-projects.mjs';

const TESTS = ['{apps,packages}/*/src/**/*.test.ts', '{e2e,bench}/src/**/*.test.ts', 'scripts/**/*.test.mjs'];

/** Tests with limits on time or memory, which they could miss beside other tests. */
const MEASURING = [
  'apps/api/src/batch-formats/{csv,receive-items}.test.ts',
  'apps/api/src/body/disposition.test.ts',
  'apps/api/src/reports/ndjson.test.ts',
  'apps/worker/src/image/{bombs,running-time}.test.ts',
  'apps/worker/src/fetch/{answers,naming}.test.ts',
  'packages/object-store/src/open.test.ts',
  'packages/shared/src/state/batches/duplicates.test.ts',
  'e2e/src/load.test.ts',
  'e2e/src/api/{memory,redis-away}.test.ts',
  'e2e/src/attack/attack.test.ts',
  'e2e/src/ops/beside-load.test.ts',
];
const MOCKING = mockingFiles(ROOT);

export default defineConfig({
  ssr: { resolve: { conditions: ['development', 'node', 'import', 'module', 'default'] } },
  test: {
    setupFiles: ['packages/shared/src/testing/exit-with-vitest.ts'],
    globalSetup: ['e2e/src/harness/bundle-services.mjs'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A machine that runs other tests beside one may keep it from its turn for seconds.
    expect: { poll: { timeout: 15_000 } },
    sequence: { sequencer: LongestFirst },
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
