import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockDataDir, Taken } from './data-lock.mjs';
import { say } from './say.mjs';

const LOOK_AGAIN_MS = 500;

/** Lets one process at a time set up a checkout (two starts, a start and a test run); the others wait. */
export async function withWorkspaceLock(root, signal, work) {
  const lock = await lockWhenFree(root, signal);
  try {
    await work();
  } finally {
    lock.release();
  }
}

async function lockWhenFree(root, signal) {
  const folder = join(root, 'node_modules', '.pixdock');
  for (let told = false; ; told = true) {
    signal?.throwIfAborted();
    // Each time: the other one's install may have removed it.
    mkdirSync(folder, { recursive: true });
    try {
      return await lockDataDir(folder);
    } catch (error) {
      if (!(error instanceof Taken)) throw error;
      if (!told) say('Another start is setting up this checkout; waiting for it …');
      await sleep(LOOK_AGAIN_MS);
    }
  }
}
