import { runnerImport } from 'vite';

// What is imported of the workspace is TypeScript, which no Node before 22.18 runs by itself.
const conditions = ['development', 'node', 'import', 'module', 'default'];
const main = new URL('main.ts', import.meta.url).pathname;
await runnerImport(main, { configFile: false, logLevel: 'error', resolve: { conditions } });
