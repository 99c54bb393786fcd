import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { requireNode } from '../../scripts/lib/prepare-node.mjs';

/*
 * Runs `main.ts` of the folder that is named first. Node itself runs no TypeScript with parameter properties, and e2e is
 * not compiled. The tests' own settings say where the workspace's sources are.
 */
requireNode();
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const [folder] = process.argv.splice(2, 1);
const vite = await createServer({
  configFile: at('../../vitest.config.mjs'),
  appType: 'custom',
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, watch: null, ws: false },
});
await vite.ssrLoadModule(at(`${folder}/main.ts`));
// Of itself Node may not end: it waits in a busy loop for requests of sockets that are closed (nodejs/node#47748).
process.exit();
