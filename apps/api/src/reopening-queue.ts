import type { JobQueue } from '@pixdock/shared/queue/job-queue';

/**
 * A queue that works although Redis was unavailable when it was opened. A BullMQ queue rejects all calls after its first
 * connection failed, so it is opened again until a call succeeds.
 */
export function openReopeningQueue(open: () => JobQueue): JobQueue {
  let queue = open();
  let isProven = false;
  let hasFailed = false;

  async function use<T>(call: (queue: JobQueue) => Promise<T>): Promise<T> {
    if (hasFailed) {
      void queue.close().catch(() => {});
      queue = open();
      hasFailed = false;
    }
    try {
      const result = await call(queue);
      isProven = true;
      return result;
    } catch (error) {
      hasFailed = !isProven;
      throw error;
    }
  }

  return {
    enqueue: (next) => use((opened) => opened.enqueue(next)),
    expand: (batch) => use((opened) => opened.expand(batch)),
    delete: (imageId, owner) => use((opened) => opened.delete(imageId, owner)),
    deliver: (endpointId, owner) => use((opened) => opened.deliver(endpointId, owner)),
    recover: (recovery) => use((opened) => opened.recover(recovery)),
    retryFailures: (request) => use((opened) => opened.retryFailures(request)),
    isRunning: (run) => use((opened) => opened.isRunning(run)),
    waiting: () => use((opened) => opened.waiting()),
    endDelays: () => use((opened) => opened.endDelays()),
    setPaused: (isPaused) => use((opened) => opened.setPaused(isPaused)),
    scheduleSweep: (everyMs) => use((opened) => opened.scheduleSweep(everyMs)),
    close: () => queue.close(),
  };
}
