import { buildConsole } from './lib/build-console.mjs';
import { ROOT } from './lib/root.mjs';

await buildConsole(ROOT);
