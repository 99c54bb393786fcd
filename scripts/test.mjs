import { requireNode } from './lib/prepare-node.mjs';

requireNode();
const { runTests } = await import('./lib/run-tests.mjs');
process.exitCode = await runTests(process.argv.slice(2));
