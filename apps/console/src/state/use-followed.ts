import type { Pixdock } from '@pixdock/client';
import { useState } from 'preact/hooks';
import { useReading } from './use-reading.js';

/** The calls for images, or those for batches. */
interface Followable<T> {
  get(id: string, options: { signal: AbortSignal }): Promise<T>;
  events(id: string, options: { signal: AbortSignal }): AsyncIterable<T>;
}

/** The newest state of an image or a batch, which it follows until the view is closed or the state is final. */
export function useFollowed<T>(id: string, callsOf: (client: Pixdock) => Followable<T>) {
  const [latest, setLatest] = useState<T | null>(null);
  /** `again` opens the stream again, which ended with the final state. */
  const { error, again } = useReading(
    async (client, signal) => {
      const calls = callsOf(client);
      setLatest(await calls.get(id, { signal }));
      for await (const next of calls.events(id, { signal })) setLatest(next);
    },
    [id],
  );
  return { latest, error, again };
}
