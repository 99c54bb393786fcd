import type { JobQueue } from '@pixdock/shared/queue/queue';

/**
 * A queue that gets over a Redis that was away when it was opened. BullMQ's keeps the failure of its first contact and gives
 * it to every call for ever, so it is opened anew until it has once been of use.
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
    run: (next) => use((opened) => opened.run(next)),
    expand: (batchId) => use((opened) => opened.expand(batchId)),
    delete: (imageId, owner) => use((opened) => opened.delete(imageId, owner)),
    isRunning: (run) => use((opened) => opened.isRunning(run)),
    waiting: () => use((opened) => opened.waiting()),
    nextOwners: (name) => use((opened) => opened.nextOwners(name)),
    endDelays: () => use((opened) => opened.endDelays()),
    scheduleSweep: (everyMs) => use((opened) => opened.scheduleSweep(everyMs)),
    close: () => queue.close(),
  };
}
