/** The part of a BullMQ worker that limits its jobs. */
interface Limited {
  concurrency: number;
  pause(doNotWait: boolean): Promise<void>;
  resume(): void;
}

/** The slots of a queue. A job in progress holds one, and may free it before its end. */
export function openJobSlots(slots: number, worker: () => Limited) {
  let inProgress = 0;
  /** Jobs in progress that have freed their slots. */
  let freed = 0;

  function applyLimit(): void {
    const limited = worker();
    const { concurrency: before } = limited;
    limited.concurrency = slots + freed;
    if (limited.concurrency <= before || inProgress < before) return;
    // BullMQ looks at the concurrency only when a job ends. A resume makes it look now, and starts no check for stalled jobs here.
    void limited.pause(true);
    limited.resume();
  }

  return {
    inProgress: () => inProgress,

    take(): Disposable & { free: () => void } {
      let isFreed = false;
      inProgress++;
      return {
        free() {
          if (!isFreed) freed++;
          isFreed = true;
          applyLimit();
        },
        [Symbol.dispose]() {
          inProgress--;
          if (isFreed) freed--;
          applyLimit();
        },
      };
    },
  };
}
