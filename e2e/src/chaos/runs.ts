import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Run, startRun } from './run.js';

/** Runs that scenarios share one after another, so that each also meets the leftovers of the ones before. */
export interface Runs {
  take(): Promise<Run>;
  /** A run with findings is not used again; its logs are kept. */
  giveBack(run: Run, name: string, isWell: boolean): Promise<void>;
  stop(): Promise<void>;
}

export function openRuns(say: (line: string) => void): Runs {
  const idle: Run[] = [];
  const open = new Set<Run>();
  let isStopped = false;
  return {
    async take() {
      const run = idle.pop() ?? (await startRun());
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
