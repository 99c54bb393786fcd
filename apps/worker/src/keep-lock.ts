interface Lockable {
  extendLock(token: string, ms: number): Promise<unknown>;
}

/**
 * Renews the job's lock until it is disposed of. BullMQ's own renewal knows a job by its id alone: when a second attempt
 * at the job starts in this process before the first one has ended, the end of the first stops the renewal for both.
 */
export function keepLock(job: Lockable, token: string, lockMs: number): Disposable {
  let isHeld = true;
  const again = () => {
    if (isHeld) timer.refresh();
  };
  const timer = setTimeout(() => void job.extendLock(token, lockMs).then(again, again), lockMs / 2);
  return {
    [Symbol.dispose]() {
      isHeld = false;
      clearTimeout(timer);
    },
  };
}
