import { spawn } from 'node:child_process';
import { Problem } from './problem.mjs';

const KEPT_OUTPUT = 64 * 1024;

/**
 * Runs a command to its end, its output kept (the last 64 KB) instead of shown, unless `show`.
 * @returns `{ code, output }`; code is null when a signal ended it.
 * @throws Problem when there is no such command; the signal's reason when `signal` aborts.
 */
export async function runCommand(command, args, { cwd, env = process.env, signal, show = false } = {}) {
  signal?.throwIfAborted();
  const child = spawn(command, args, { cwd, env, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  const end = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', end);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(missing(command, error)));
      child.once('close', resolve);
    });
    signal?.throwIfAborted();
    return { code, output };
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function missing(command, error) {
  return error.code === 'ENOENT' ? new Problem(`The command "${command}" is not installed.`) : error;
}

/** The last lines of an output, for a message. */
export function lastLines(output, count) {
  return output.trimEnd().split('\n').slice(-count).join('\n');
}
