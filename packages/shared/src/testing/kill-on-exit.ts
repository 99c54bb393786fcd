import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/*
 * Reads `watch PID` and `forget PID`. The input ends when the test process ends, for whatever reason; the loop then kills
 * every process that it still watches. It runs in its own session, out of reach of Ctrl-C, and is not a child of the test
 * process, because some tests count the children of their process.
 */
const GUARD = `
trap '' HUP INT TERM
{
  watched=
  while read -r verb pid <&3; do
    kept=
    for known in $watched; do [ "$known" = "$pid" ] || kept="$kept $known"; done
    watched=$kept
    [ "$verb" = watch ] && watched="$watched $pid"
  done
  for pid in $watched; do kill -KILL "$pid" 2>/dev/null; done
} &
`;

let guard: Writable | null = null;

/**
 * Kills the child with SIGKILL if it is still running when this process ends, even when this process is killed.
 * @returns the child
 */
export function killOnExit<C extends ChildProcess>(child: C): C {
  const { pid } = child;
  if (pid === undefined) return child;
  guard ??= startGuard();
  const input = guard;
  input.write(`watch ${pid}\n`);
  child.once('exit', () => void input.write(`forget ${pid}\n`));
  return child;
}

function startGuard(): Writable {
  // Node closes the stdin of a child that has exited, and this one exits at once.
  const shell = spawn('/bin/sh', ['-c', GUARD], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const input = shell.stdio[3] as Socket;
  input.on('error', () => {});
  // They must not keep this process running.
  shell.unref();
  input.unref();
  return input;
}
