import { useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatSize } from '../parts/format.js';
import type { SheetKind } from './kind-of.js';
import { SendBar } from './send-bar.js';

/** An archive, or lines of JSON: nothing to map. */
export function ArchivePreview({ file, kind }: { file: File; kind: Exclude<SheetKind, 'csv'> }) {
  const [profile, setProfile] = useState('default');
  return (
    <>
      <p class="notice">
        <strong>{formatSize(file.size)}</strong> {kind === 'zip' && t('import.unchecked')}
      </p>
      <SendBar file={file} kind={kind} columns={{}} profile={profile} onProfile={setProfile} isReady />
    </>
  );
}
