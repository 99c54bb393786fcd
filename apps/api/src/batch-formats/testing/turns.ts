import { setImmediate as nextTurn } from 'node:timers/promises';

/** How often the event loop turned while `work` ran, and the most CPU time that the process took between two turns. */
export async function turnsDuring(work: () => Promise<void>): Promise<{ count: number; longestMs: number }> {
  let count = 0;
  let longestMs = 0;
  const done = new AbortController();
  const working = work().finally(() => done.abort());
  // CPU time instead of the clock: other processes on a busy machine take time in between.
  for (let last = process.cpuUsage(); !done.signal.aborted; count++) {
    await nextTurn();
    const { user, system } = process.cpuUsage(last);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    last = process.cpuUsage();
  }
  await working;
  return { count, longestMs };
}
