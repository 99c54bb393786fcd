import { requireNode } from '@pixdock/shared/runtime/require-node';

requireNode(process);
const { runWorker } = await import('./run-worker.js');
await runWorker(process);
