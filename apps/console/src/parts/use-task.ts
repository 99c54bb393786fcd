import { useEffect, useRef, useState } from 'preact/hooks';

/** Runs actions one at a time and keeps the error of the last one. */
export function useTask() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isMounted = useRef(true);
  useEffect(() => () => void (isMounted.current = false), []);
  const run = (action: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    action()
      .catch((fault: unknown) => isMounted.current && setError(fault))
      .finally(() => isMounted.current && setBusy(false));
  };
  return { busy, error, run };
}
