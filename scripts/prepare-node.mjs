import { prepareNode } from './lib/prepare-node.mjs';
import { complain, Problem } from './lib/say.mjs';

try {
  await prepareNode();
} catch (error) {
  complain(error instanceof Problem ? error.message : error.stack);
  process.exitCode = 1;
}
