import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import whole from '../../../../vitest.config.mjs';

/** The common test settings, for the test that interrupted.test.ts starts and interrupts. */
export default defineConfig({
  ...whole,
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['hanging.ts'],
    setupFiles: [
      fileURLToPath(new URL('../../../../packages/shared/src/testing/exit-with-vitest.ts', import.meta.url)),
    ],
  },
});
