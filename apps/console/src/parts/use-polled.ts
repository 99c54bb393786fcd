import { useEffect, useState } from 'preact/hooks';
import { poll } from './poll.js';

/** A read of a server that does not respond must not end the poll. */
const PATIENCE_MS = 30_000;

/**
 * Reads a value at once, and again after each pause while the view is open. `value` is null before the first response; a
 * failed read keeps the value before.
 * @param open makes the function that reads, which may compare with its last result
 */
export function usePolled<T>(
  open: () => (signal: AbortSignal) => Promise<T>,
  pauseMs: number,
): { value: T | null; error: unknown } {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const closing = new AbortController();
    const { signal } = closing;
    const read = open();
    const readOnce = async () => {
      try {
        const found = await read(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
        if (signal.aborted) return;
        setValue(found);
        setError(null);
      } catch (fault) {
        if (!signal.aborted) setError(fault);
      }
    };
    void poll(readOnce, pauseMs, signal);
    return () => closing.abort();
  }, []);
  return { value, error };
}
