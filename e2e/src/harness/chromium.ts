import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'];

/** The path of an installed Chromium or Chrome; null without one. */
export function findChromium(): string | null {
  const command = NAMES.map((name) => `command -v ${name}`).join(' || ');
  return spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout.trim() || null;
}

export const startChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: FLAGS });
