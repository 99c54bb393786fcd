import { useState } from 'preact/hooks';
import { formatSize } from '../parts/format.js';
import type { SheetKind } from './kind-of.js';
import { SendBar } from './send-bar.js';
import { useCheck } from './use-check.js';
import { Verdict } from './verdict.js';

const NOTHING_TO_CHOOSE = { columns: {}, sheet: undefined };

/** An archive, lines of JSON, or a workbook that is too large to look into. */
export function ArchivePreview({ file, kind }: { file: File; kind: Exclude<SheetKind, 'csv'> }) {
  const [profile, setProfile] = useState('default');
  const choice = { kind, profile, ...NOTHING_TO_CHOOSE };
  const check = useCheck(file, choice, true);
  return (
    <>
      <section class="panel padded">
        <strong>{formatSize(file.size)}</strong>
        <Verdict check={check} />
      </section>
      <SendBar
        file={file}
        choice={choice}
        onProfile={setProfile}
        isReady
        isReport={check.state === 'checked' && check.result.isReport}
      />
    </>
  );
}
