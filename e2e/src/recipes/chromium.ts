import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { endProcess } from '../harness/end-process.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const STOP_WITHIN_MS = 30_000;
const FLAGS = [
  '--headless',
  // Chromium's own sandbox refuses to run as root.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-background-networking',
  '--no-first-run',
  '--no-default-browser-check',
  // It keeps a headless Chromium running.
  '--remote-debugging-port=0',
];

/** The command of an installed Chromium or Chrome, or null. */
export const findChromium = (): string | null =>
  NAMES.find((name) => spawnSync(name, ['--version']).status === 0) ?? null;

/** Opens a page in a new headless Chromium. @returns a function that closes it */
export async function openInChromium(command: string, url: string): Promise<() => Promise<void>> {
  const profile = await mkdtemp(join(tmpdir(), 'pixdock-chromium-'));
  const args = [...FLAGS, `--user-data-dir=${profile}`, url];
  const child: ChildProcess = killOnExit(spawn(command, args, { stdio: 'ignore' }));
  return async () => {
    await endProcess(child, STOP_WITHIN_MS);
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}
