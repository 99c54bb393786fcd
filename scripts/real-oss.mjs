import { requireNode } from './lib/prepare-node.mjs';

requireNode();
const { ensureWorkspace } = await import('./lib/ensure-workspace.mjs');
const { ROOT } = await import('./lib/root.mjs');
const { complain, Problem } = await import('./lib/say.mjs');

// The settings are in the checkout's .env, or in the environment.
process.chdir(ROOT);
try {
  await ensureWorkspace({ root: ROOT });
  process.argv.splice(2, process.argv.length, 'conformance', '--full');
  await import('../apps/ops/dist/main.js');
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  complain(error.message);
  process.exitCode = error.exitCode;
}
