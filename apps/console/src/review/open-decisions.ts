import { signal } from '@preact/signals';

export type Choice = 'approve' | 'reject' | 'skip';

/** A choice about an image. `skip`, and a decision that the server already has, are not sent. */
export interface Made {
  id: string;
  choice: Choice;
  isSent: boolean;
}

/** How long a decision can be undone before it is sent. */
export const UNDO_MS = 5000;

/**
 * The choices that a person makes in the review queue.
 * @param send sends a decision to the server. If it fails, the image returns to the queue
 */
export function openDecisions(send: (id: string, decision: 'approve' | 'reject') => Promise<unknown>) {
  const made = signal<readonly Made[]>([]);
  const error = signal<unknown>(null);
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const remove = (id: string) => (made.value = made.value.filter((one) => one.id !== id));

  function carryOut(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    const choice = made.value.find((one) => one.id === id)?.choice;
    if (choice === undefined || choice === 'skip') return;
    made.value = made.value.map((one) => (one.id === id ? { ...one, isSent: true } : one));
    error.value = null;
    send(id, choice).catch((fault: unknown) => {
      error.value = fault;
      remove(id);
    });
  }

  return {
    made,
    error,
    /** Ignores an image that has a choice: it is on the screen only until the next one is drawn. */
    make: (id: string, choice: Choice): void => {
      if (made.value.some((one) => one.id === id)) return;
      made.value = [...made.value, { id, choice, isSent: false }];
      if (choice !== 'skip')
        timers.set(
          id,
          setTimeout(() => carryOut(id), UNDO_MS),
        );
    },
    /** Undoes the latest choice that is not sent yet. */
    undo: (): void => {
      const last = made.value.findLast(({ isSent }) => !isSent);
      if (last === undefined) return;
      clearTimeout(timers.get(last.id));
      timers.delete(last.id);
      remove(last.id);
    },
    /** Shows skipped images again. */
    unskip: () => (made.value = made.value.filter(({ choice }) => choice !== 'skip')),
    /** Sends all decisions immediately, when the view or the page closes. */
    flush: (): void => {
      for (const id of timers.keys()) carryOut(id);
    },
  };
}
