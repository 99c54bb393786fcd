import { fileURLToPath } from 'node:url';
import { launch } from '../lib/launch.mjs';

// `npm start` with stubs of API, worker and local OSS, and without a build.
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
process.exitCode = await launch({
  mains: {
    api: here('./stub-api.mjs'),
    worker: here('./stub-worker.mjs'),
    oss: here('./stub-oss.mjs'),
  },
  prepare: async () => {},
  check: async () => {},
});
