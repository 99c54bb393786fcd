import { useEffect, useState } from 'preact/hooks';

/**
 * Reads a value at once, and again after each pause while the view is open. `value` is null before the first response; a
 * failed read keeps the value before.
 * @param open makes the function that reads, which may compare with its last result
 */
export function usePolled<T>(
  open: () => () => Promise<T>,
  everyMs: number,
): { value: T | null; error: unknown } {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let isOpen = true;
    const readOnce = open();
    const poll = async () => {
      try {
        const found = await readOnce();
        if (!isOpen) return;
        setValue(found);
        setError(null);
      } catch (fault) {
        if (isOpen) setError(fault);
      }
    };
    void poll();
    const timer = setInterval(() => void poll(), everyMs);
    return () => {
      isOpen = false;
      clearInterval(timer);
    };
  }, []);
  return { value, error };
}
