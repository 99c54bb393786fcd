import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Installation } from './run.js';

/** Runs that scenarios share one after another, so that each also meets the leftovers of the ones before. */
export interface Runs<R extends Installation> {
  take(): Promise<R>;
  /** A run with findings is not used again; its logs are kept. */
  giveBack(run: R, name: string, isWell: boolean): Promise<void>;
  stop(): Promise<void>;
}

export function openRuns<R extends Installation>(
  start: () => Promise<R>,
  say: (line: string) => void,
): Runs<R> {
  const idle: R[] = [];
  const open = new Set<R>();
  let isStopped = false;
  return {
    async take() {
      const run = idle.pop() ?? (await start());
      open.add(run);
      if (isStopped) await run.stop();
      return run;
    },
    async giveBack(run, name, isWell) {
      if (isWell) {
        idle.push(run);
        return;
      }
      const path = join(tmpdir(), `pixdock-chaos-${name}-${process.pid}.log`);
      writeFileSync(path, run.logs());
      say(`       logs: ${path}`);
      open.delete(run);
      await run.stop();
    },
    async stop() {
      isStopped = true;
      await Promise.all([...open].map((run) => run.stop()));
    },
  };
}
