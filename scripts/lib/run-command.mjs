import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnTied } from './spawn-tied.mjs';

const KEPT_OUTPUT = 64 * 1024;
/** How long the process group of an interrupted command may take to stop. */
const STOP_SECONDS = 10;

/**
 * Runs a command to its end and keeps its output (the last 64 KiB), unless `show` prints it. Its process group stops
 * when `signal` aborts or when this process ends.
 * @returns `{ code, output }`; the code of a command that does not exist is 127.
 * @throws the signal's reason when `signal` aborts.
 */
export async function runCommand(command, args, { cwd, env = process.env, signal, show = false } = {}) {
  signal?.throwIfAborted();
  const stdio = ['pipe', ...(show ? ['inherit', 'inherit'] : ['pipe', 'pipe'])];
  const child = spawnTied([command, ...args], { signal: 'TERM', seconds: STOP_SECONDS }, { cwd, env, stdio });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  const stop = () => child.stdin.end();
  signal?.addEventListener('abort', stop);
  const [code] = await once(child, 'close').finally(() => signal?.removeEventListener('abort', stop));
  signal?.throwIfAborted();
  return { code, output };
}

/** The paths of a command in PATH and in Homebrew's own folders, which a PATH may lack. */
export function findExecutables(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/opt/homebrew/bin', '/usr/local/bin'];
  return folders.map((folder) => folder && join(folder, name)).filter(existsSync);
}

/** The last lines of an output, for a message. */
export const lastLines = (output, count) => output.trimEnd().split('\n').slice(-count).join('\n');
