import { fileURLToPath } from 'node:url';
import { launch } from '../lib/launch.mjs';
import { lockFolder } from '../lib/lock.mjs';
import { checkSettings } from '../lib/settings.mjs';

// `npm start` with a stub API and a stub worker, and without a build. With STUB_CHECK it checks the settings.
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
process.exitCode = await launch({
  mains: {
    api: here('./stub-api.mjs'),
    worker: here('./stub-worker.mjs'),
    oss: here('../../packages/oss-dev/dist/main.js'),
  },
  prepare: async ({ root }) => (await lockFolder(root, 'stub')).release(),
  check: process.env.STUB_CHECK === undefined ? async () => {} : checkSettings,
});
