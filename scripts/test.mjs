import { requireNode } from './lib/node-version.mjs';

requireNode();
const { runTests } = await import('./lib/run-tests.mjs');
process.exitCode = await runTests(process.argv.slice(2));
