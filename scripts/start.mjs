import { requireNode } from './lib/prepare-node.mjs';
import { say } from './lib/say.mjs';
import { START } from './messages/start.mjs';

requireNode();
if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) say(START.help());
else {
  const { launch } = await import('./lib/launch.mjs');
  process.exitCode = await launch();
}
