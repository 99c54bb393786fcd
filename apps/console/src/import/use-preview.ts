import { PREVIEW_BYTES, type SheetPreview } from '@pixdock/contract/sheet/preview';
import { useEffect, useState } from 'preact/hooks';
import { currentClient } from '../state/session.js';

export type Preview = { sheet: SheetPreview } | { error: unknown };

/** The beginning of a sheet as the server reads it; null while it does. */
export function usePreview(file: File): Preview | null {
  const [preview, setPreview] = useState<Preview | null>(null);
  useEffect(() => {
    setPreview(null);
    const ending = new AbortController();
    const { signal } = ending;
    currentClient()
      .batches.preview(file.slice(0, PREVIEW_BYTES), { signal })
      .then((sheet) => setPreview({ sheet }))
      .catch((error: unknown) => !signal.aborted && setPreview({ error }));
    return () => ending.abort();
  }, [file]);
  return preview;
}
