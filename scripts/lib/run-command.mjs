import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from './problem.mjs';

const KEPT_OUTPUT = 64 * 1024;
/** How long an interrupted command and its children may take to stop. */
const END_WITHIN_MS = 10_000;

/**
 * Runs a command to its end, its output kept (the last 64 KB) instead of shown, unless `show`. With a `guardian` it runs
 * in a separate process group: an abort stops the whole group, and so does the guardian if this process is killed.
 * @returns `{ code, output }`; code is null when a signal ended it.
 * @throws Problem when there is no such command; the signal's reason when `signal` aborts.
 */
export async function runCommand(
  command,
  args,
  { cwd, env = process.env, signal, show = false, guardian } = {},
) {
  signal?.throwIfAborted();
  const stdio = show ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { cwd, env, stdio, detached: guardian !== undefined });
  if (child.pid !== undefined) guardian?.watch(child.pid, { last: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  let forcing;
  const end = () => {
    const kill = guardian === undefined ? (name) => child.kill(name) : (name) => killGroup(child.pid, name);
    kill('SIGTERM');
    forcing = setTimeout(() => kill('SIGKILL'), END_WITHIN_MS);
  };
  signal?.addEventListener('abort', end);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(missing(command, error)));
      child.once('close', resolve);
    });
    signal?.throwIfAborted();
    return { code, output };
  } finally {
    clearTimeout(forcing);
    signal?.removeEventListener('abort', end);
    // Members of the group that ignored SIGTERM outlive its leader.
    if (guardian !== undefined && signal?.aborted) await endGroup(child.pid);
    if (child.pid !== undefined) guardian?.forget(child.pid);
  }
}

async function endGroup(leader) {
  const end = Date.now() + END_WITHIN_MS;
  while (killGroup(leader, 0)) {
    if (Date.now() > end) killGroup(leader, 'SIGKILL');
    await sleep(100);
  }
}

/** @returns false when no process of the group is left. */
function killGroup(leader, signal) {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}

function missing(command, error) {
  return error.code === 'ENOENT' ? new Problem(`The command "${command}" is not installed.`) : error;
}

/** The last lines of an output, for a message. */
export function lastLines(output, count) {
  return output.trimEnd().split('\n').slice(-count).join('\n');
}
