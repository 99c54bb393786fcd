import type { Image } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../state/session.js';

/** The newest state of an image, which it follows until the view is closed or the image is final. */
export function useImage(id: string) {
  const [image, setImage] = useState<Image | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const current = client.value;
  useEffect(() => {
    if (current === null) return;
    const ending = new AbortController();
    const follow = async () => {
      setError(null);
      setImage(await current.images.get(id, { signal: ending.signal }));
      for await (const next of current.images.events(id, { signal: ending.signal })) setImage(next);
    };
    follow().catch((fault: unknown) => !ending.signal.aborted && setError(fault));
    return () => ending.abort();
  }, [current, id, round]);
  /** After a change the stream begins again: it ended with the final state. */
  const again = () => setRound((last) => last + 1);
  return { image, error, again };
}
