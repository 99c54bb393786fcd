import type { Pixdock } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { client } from './session.js';

/**
 * Reads from the server for a view, and again if one of the inputs changes. The signal aborts when the view is closed.
 * @returns the error of the last read, and a function that reads again
 */
export function useReading(
  read: (client: Pixdock, signal: AbortSignal) => Promise<void>,
  inputs: readonly unknown[],
) {
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const current = client.value;
  useEffect(() => {
    if (current === null) return;
    const ending = new AbortController();
    setError(null);
    read(current, ending.signal).catch((fault: unknown) => !ending.signal.aborted && setError(fault));
    return () => ending.abort();
  }, [current, round, ...inputs]);
  return { error, again: () => setRound((last) => last + 1) };
}
