/**
 * Repeats an action until the signal aborts. Each time begins a pause after the last one has ended, and only while the page
 * is visible.
 */
export async function poll(act: () => Promise<void>, pauseMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    await untilVisible(signal);
    if (signal.aborted) return;
    await act();
    await pause(pauseMs, signal);
  }
}

function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', check);
      signal.removeEventListener('abort', check);
      resolve();
    };
    document.addEventListener('visibilitychange', check);
    signal.addEventListener('abort', check);
    check();
  });
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
    if (signal?.aborted === true) end();
  });
}
