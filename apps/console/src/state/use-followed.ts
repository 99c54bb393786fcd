import type { Pixdock } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { client } from './session.js';

/** The calls for images, or those for batches. */
interface Followable<T> {
  get(id: string, options: { signal: AbortSignal }): Promise<T>;
  events(id: string, options: { signal: AbortSignal }): AsyncIterable<T>;
}

/** The newest state of an image or a batch, which it follows until the view is closed or the state is final. */
export function useFollowed<T>(id: string, callsOf: (client: Pixdock) => Followable<T>) {
  const [latest, setLatest] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const current = client.value;
  useEffect(() => {
    if (current === null) return;
    const ending = new AbortController();
    const options = { signal: ending.signal };
    const follow = async () => {
      setError(null);
      setLatest(await callsOf(current).get(id, options));
      for await (const next of callsOf(current).events(id, options)) setLatest(next);
    };
    follow().catch((fault: unknown) => !ending.signal.aborted && setError(fault));
    return () => ending.abort();
  }, [current, id, round]);
  /** Opens the stream again, which ended with the final state. */
  const again = () => setRound((last) => last + 1);
  return { latest, error, again };
}
