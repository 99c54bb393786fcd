import { spawn } from 'node:child_process';

// Waits for the launcher's word, so that nothing runs before it is noted down: a launcher killed in between closes fd 3.
const GATE = 'read -r go <&3 || exit 1; exec 3<&-; exec "$@"';

/** A program that knows nothing of us; it begins when `open(child)` is called. */
export function spawnGated([command, ...args], { cwd, env, logFd }) {
  return spawn('/bin/sh', ['-c', GATE, 'sh', command, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', logFd, logFd, 'pipe'],
  });
}

export function open(child) {
  child.stdio[3].on('error', () => {});
  child.stdio[3].end('go\n');
}

/** One of our own programs: it has an IPC channel, tells on it when it is ready, and stops when it is cut. */
export function spawnMain(main, { cwd, env, logFd, nodeArgs = [] }) {
  return spawn(process.execPath, [...nodeArgs, main], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', logFd, logFd, 'ipc'],
  });
}

/** Resolves to the child's `{ type: 'ready', … }`. */
export function readyMessage(child) {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (message?.type === 'ready') resolve(message);
    });
  });
}
