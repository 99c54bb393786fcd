import { randomUUID } from 'node:crypto';
import { sleep } from '@pixdock/shared/runtime/clock';
import { type LiveWorkers, REPORT_EVERY_MS } from '@pixdock/shared/state/service/live-workers';

/** Redis may be away at a stop. */
const LEAVE_MS = 500;

/** Reports this worker to Redis until `stop`. */
export function reportAlive(liveWorkers: LiveWorkers): { stop(): Promise<void> } {
  const id = randomUUID();
  const stopping = new AbortController();
  const reporting = report();
  return {
    async stop() {
      stopping.abort();
      // A report that remains expires.
      const hasLeft = reporting.then(() => liveWorkers.leave(id)).catch(() => {});
      await Promise.race([hasLeft, sleep(LEAVE_MS)]);
    },
  };

  async function report(): Promise<void> {
    while (!stopping.signal.aborted) {
      // The next report makes up for a lost one.
      await liveWorkers.report(id).catch(() => {});
      await sleep(REPORT_EVERY_MS, stopping.signal);
    }
  }
}
