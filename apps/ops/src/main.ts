#!/usr/bin/env node
import { requireNode } from '@pixdock/shared/runtime/require-node';

requireNode(process);
const { runOps } = await import('./run-ops.js');
await runOps(process);
