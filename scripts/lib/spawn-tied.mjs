import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('run-tied.sh', import.meta.url));

/**
 * Spawns a command in its own process group, through run-tied.sh: the group does not outlive this process.
 * @param tie `signal` goes to the group when the child's stdin closes, SIGKILL follows `seconds` later.
 */
export function spawnTied([command, ...args], { signal, seconds }, options) {
  const words = [SCRIPT, signal, String(seconds), command, ...args];
  const child = spawn('/bin/sh', words, { ...options, detached: true });
  child.stdin?.on('error', () => {});
  child.once('exit', () => killGroup(child));
  return child;
}

export function killGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left of the group.
  }
}
