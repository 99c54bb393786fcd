import { type ChildProcess, spawn } from 'node:child_process';

/*
 * Reads `watch PID` and `forget PID`. The end of the input is the end of the test process, however it ended; what is
 * still watched then is killed. The shell has a session of its own, so that no Ctrl-C or kill of the group reaches it.
 */
const GUARD = `
trap '' HUP INT TERM
watched=
while read -r verb pid; do
  kept=
  for known in $watched; do [ "$known" = "$pid" ] || kept="$kept $known"; done
  watched=$kept
  [ "$verb" = watch ] && watched="$watched $pid"
done
for pid in $watched; do kill -KILL "$pid" 2>/dev/null; done
`;

let guard: ChildProcess | null = null;

/**
 * Kills the child with SIGKILL if it is still running when this process ends, even when this process is killed.
 * @returns the child
 */
export function killOnExit<C extends ChildProcess>(child: C): C {
  const { pid } = child;
  if (pid === undefined) return child;
  guard ??= startGuard();
  const { stdin } = guard;
  stdin?.write(`watch ${pid}\n`);
  child.once('exit', () => void stdin?.write(`forget ${pid}\n`));
  return child;
}

function startGuard(): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', GUARD], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.stdin.on('error', () => {});
  // It must not keep this process running.
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}
