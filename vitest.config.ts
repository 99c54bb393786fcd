import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Node 20 has no `await using`.
  oxc: { target: 'es2023' },
  ssr: { resolve: { conditions: ['development', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['{apps,packages}/*/src/**/*.test.ts', 'e2e/src/**/*.test.ts', 'scripts/**/*.test.mjs'],
    // Most of what they do is to wait.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
