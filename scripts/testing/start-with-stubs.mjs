import { fileURLToPath } from 'node:url';
import { launch } from '../lib/launch.mjs';

// `npm start` as it is, but with an API and a worker that only come and go, and no build before them.
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
process.exitCode = await launch({
  mains: {
    api: here('./stub-api.mjs'),
    worker: here('./stub-worker.mjs'),
    oss: here('../../packages/oss-dev/dist/main.js'),
  },
  prepare: async () => {},
});
