import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('guardian.sh', import.meta.url));

/**
 * A small shell process that outlives a killed launcher and ends its children; see guardian.sh.
 * `onPid` hears its process id, again whenever it had to be replaced.
 */
export function startGuardian(onPid) {
  const watched = new Map();
  let shell;
  let done = false;
  const write = (line) => shell.stdin.write(`${line}\n`);
  const open = () => {
    shell = spawn('/bin/sh', [SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    shell.stdin.on('error', () => {});
    shell.once('exit', () => {
      if (!done) setTimeout(open, 100);
    });
    onPid(shell.pid);
    for (const [pid, verb] of watched) write(`${verb} ${pid}`);
  };
  open();
  return {
    /** `last`: to be ended only when all others are gone. */
    watch(pid, { last = false } = {}) {
      const verb = last ? 'last' : 'watch';
      watched.set(pid, verb);
      write(`${verb} ${pid}`);
    },
    forget(pid) {
      watched.delete(pid);
      write(`forget ${pid}`);
    },
    /** Call it last: whatever is still watched is ended. */
    async stop() {
      done = true;
      shell.stdin.end();
      if (shell.exitCode === null && shell.signalCode === null)
        await new Promise((resolve) => shell.once('exit', resolve));
    },
  };
}
