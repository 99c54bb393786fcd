import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpuSeconds } from '@pixdock/e2e/harness/process-stats';
import { kill, startNodeServer } from '../landing/sides/node-server.js';
import type { Renderer } from './renderer.js';

/** Starts the decoder process of a checkout, which renders one image at a time. */
export async function startDecoder(checkout: string, folder: string, profile: string): Promise<Renderer> {
  const env = { CHECKOUT: checkout, FOLDER: folder, PROFILE: profile };
  const { child, pid } = await startNodeServer(new URL('./decoder.mjs', import.meta.url), env);
  return {
    async render(paths) {
      const before = cpuSeconds(pid).own;
      for (const [order, path] of paths.entries()) await renderOne(child, order, path);
      return (cpuSeconds(pid).own - before) * 1000;
    },
    stop: () => kill(child),
  };
}

async function renderOne(child: ChildProcess, order: number, path: string): Promise<void> {
  const done = once(child, 'message');
  child.send({ order, path });
  const [{ type }] = (await done) as [{ type: string }];
  if (type !== 'rendered' && type !== 'refused') throw new Error(`${path}: ${type}`);
}
