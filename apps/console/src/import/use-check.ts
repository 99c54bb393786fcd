import type { DryRun } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { currentClient } from '../state/session.js';
import { mediaTypeOf, type SheetKind } from './kind-of.js';

/** Each choice of a column sends the sheet again, so larger ones are only checked when they are imported. */
export const MAX_CHECKED_BYTES = 64 * 1024 * 1024;

export type Check =
  | { state: 'checking'; percent: number }
  | { state: 'checked'; result: DryRun }
  | { state: 'failed'; error: unknown }
  | { state: 'too-large' }
  /** A column has to be chosen first. */
  | { state: 'waiting' };

/** How a file becomes a batch. */
export interface Choice {
  kind: SheetKind;
  /** The field of each header, for sheets. */
  columns: Readonly<Record<string, string>>;
  /** Of a workbook. */
  sheet: string | undefined;
  profile: string;
}

/** Lets the server check the whole file with the chosen columns. */
export function useCheck(file: File, choice: Choice, isReady: boolean): Check {
  const [check, setCheck] = useState<Check>({ state: 'waiting' });
  const { kind, columns, sheet, profile } = choice;
  const mapping = JSON.stringify(columns);
  useEffect(() => {
    if (!isReady) return setCheck({ state: 'waiting' });
    if (file.size > MAX_CHECKED_BYTES) return setCheck({ state: 'too-large' });
    setCheck({ state: 'checking', percent: 0 });
    const ending = new AbortController();
    const { signal } = ending;
    const onProgress = ({ sentBytes }: { sentBytes: number }) =>
      !signal.aborted && setCheck({ state: 'checking', percent: Math.floor((sentBytes / file.size) * 100) });
    const mediaType = mediaTypeOf(kind);
    const options = { dryRun: true, mediaType, columns, sheet, profile, signal, onProgress } as const;
    currentClient()
      .batches.create(file, options)
      .then((result) => !signal.aborted && setCheck({ state: 'checked', result }))
      .catch((error: unknown) => !signal.aborted && setCheck({ state: 'failed', error }));
    return () => ending.abort();
  }, [file, kind, mapping, sheet, profile, isReady]);
  return check;
}
