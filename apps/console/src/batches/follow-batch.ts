import type { Batch } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../state/session.js';

/** The newest state of a batch, which it follows until the view is closed or the batch has ended. */
export function useBatch(id: string) {
  const [batch, setBatch] = useState<Batch | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const current = client.value;
  useEffect(() => {
    if (current === null) return;
    const ending = new AbortController();
    const follow = async () => {
      setError(null);
      setBatch(await current.batches.get(id, { signal: ending.signal }));
      for await (const next of current.batches.events(id, { signal: ending.signal })) setBatch(next);
    };
    follow().catch((fault: unknown) => !ending.signal.aborted && setError(fault));
    return () => ending.abort();
  }, [current, id, round]);
  /** After a retry the stream begins again: it ended with the batch. */
  const again = () => setRound((last) => last + 1);
  return { batch, error, again };
}
