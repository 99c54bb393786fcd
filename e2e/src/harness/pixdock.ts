import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import type { Stack } from './stack.js';

export const PIXDOCK = fileURLToPath(new URL('../../../packages/client/dist/main.js', import.meta.url));

export interface Running {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  /** The exit code, once all output is read. */
  ended: Promise<number | null>;
}

/** Starts the real `pixdock` as acme. @param home folder for its state */
export function startPixdock(stack: Stack, home: string, args: string[]): Running {
  return startCommand(stack, home, process.execPath, [PIXDOCK, ...args]);
}

/** Starts a command with the environment variables that `pixdock` needs. */
export function startCommand(stack: Stack, home: string, command: string, args: string[]): Running {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TERM: 'xterm',
    PIXDOCK_URL: stack.api.url,
    PIXDOCK_API_KEY: 'key-of-the-owner-acme',
  };
  const child = killOnExit(spawn(command, args, { env }));
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (written.out += String(chunk)));
  child.stderr.on('data', (chunk) => (written.err += String(chunk)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, out: () => written.out, err: () => written.err, ended };
}

/** Runs the real `pixdock` to its end. */
export async function runPixdock(stack: Stack, home: string, args: string[]) {
  const { ended, out, err } = startPixdock(stack, home, args);
  return { exit: await ended, out: out(), err: err() };
}

export const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
