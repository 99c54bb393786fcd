import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['development', 'node', 'import', 'module', 'default'] } },
  test: {
    setupFiles: ['packages/shared/src/testing/exit-with-vitest.ts'],
    include: ['{apps,packages}/*/src/**/*.test.ts', 'e2e/src/**/*.test.ts', 'scripts/**/*.test.mjs'],
    // Most of what they do is to wait.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
