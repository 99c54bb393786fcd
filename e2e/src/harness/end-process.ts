import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Sends SIGTERM and waits for the process to end; sends SIGKILL after `withinMs`.
 * @throws when SIGKILL was needed
 */
export async function endProcess(child: ChildProcess, withinMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  let isKilled = false;
  const timer = setTimeout(() => {
    isKilled = true;
    child.kill('SIGKILL');
  }, withinMs);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(timer);
  if (isKilled)
    throw new Error(
      `${child.spawnargs.join(' ')} did not end within ${withinMs} ms of SIGTERM; it was killed`,
    );
}
