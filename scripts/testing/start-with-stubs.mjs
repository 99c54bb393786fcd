import { fileURLToPath } from 'node:url';
import { launch } from '../lib/launch.mjs';

// `npm start` with a stub API and a stub worker, and without a build.
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
process.exitCode = await launch({
  mains: {
    api: here('./stub-api.mjs'),
    worker: here('./stub-worker.mjs'),
    oss: here('../../packages/oss-dev/dist/main.js'),
  },
  prepare: async () => {},
  check: async () => {},
});
