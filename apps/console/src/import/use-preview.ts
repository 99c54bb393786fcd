import { PREVIEW_BYTES, type SheetPreview } from '@pixdock/contract/sheet/preview';
import { useEffect, useState } from 'preact/hooks';
import { currentClient } from '../state/session.js';
import { mediaTypeOf } from './kind-of.js';

export type Preview = { sheet: SheetPreview } | { error: unknown };

/** The beginning of a sheet as the server reads it; null while it does. @param sheet the name of that of a workbook */
export function usePreview(file: File, kind: 'csv' | 'workbook', sheet: string | undefined): Preview | null {
  const [preview, setPreview] = useState<Preview | null>(null);
  useEffect(() => {
    setPreview(null);
    const ending = new AbortController();
    const { signal } = ending;
    currentClient()
      .batches.preview(kind === 'csv' ? file.slice(0, PREVIEW_BYTES) : file, {
        mediaType: mediaTypeOf(kind),
        sheet,
        signal,
      })
      .then((found) => setPreview({ sheet: found }))
      .catch((error: unknown) => !signal.aborted && setPreview({ error }));
    return () => ending.abort();
  }, [file, kind, sheet]);
  return preview;
}
