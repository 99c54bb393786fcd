#!/usr/bin/env node
import { requireNode } from '@pixdock/shared/runtime/require-node';

requireNode(process);
const { runOps } = await import('./cli.js');
await runOps(process);
