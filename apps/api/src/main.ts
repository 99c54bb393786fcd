import { requireNode } from '@pixdock/shared/runtime/require-node';

requireNode(process);
const { runApi } = await import('./run-api.js');
await runApi(process);
