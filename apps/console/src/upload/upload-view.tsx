import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { WindowedList } from '../parts/windowed-list.js';
import { navigate } from '../state/route.js';
import { DropZone } from './drop-zone.js';
import { chosenProfile, droppedSheet, queue, totals } from './page-queue.js';
import { PasteUrls } from './paste-urls.js';
import type { Selection } from './pick-files.js';
import { TotalsBar } from './totals-bar.js';
import { hasProblem } from './upload.js';
import { UploadRow } from './upload-row.js';

const ROW_HEIGHT = 64;
/** Files that are named. */
const MAX_NAMED = 500;

/** The first view: everything that gets images to the server. */
export function UploadView() {
  const [leftOut, setLeftOut] = useState<readonly string[]>([]);
  const [pastes, setPastes] = useState<string | null>(null);
  const take = ({ images, sheet, leftOut: others }: Selection) => {
    if (sheet !== null) {
      droppedSheet.value = sheet;
      navigate('import');
      return;
    }
    setLeftOut(others);
    queue.add(images, chosenProfile.value);
  };
  usePastes(take, setPastes);
  const uploads = queue.uploads.value;
  const [onlyProblems, setOnlyProblems] = useState(false);
  const isFiltered = onlyProblems && totals.value.problems > 0;
  return (
    <div class="upload-view">
      <h1 tabIndex={-1}>{t('upload.title')}</h1>
      <DropZone onPick={take} onUrls={() => setPastes('')} isSmall={uploads.length > 0} />
      {pastes !== null && <PasteUrls initial={pastes} onClose={() => setPastes(null)} />}
      {leftOut.length > 0 && (
        <details class="notice">
          <summary role="status">{t('upload.left-out', { count: leftOut.length })}</summary>
          <ul>
            {leftOut.slice(0, MAX_NAMED).map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        </details>
      )}
      {uploads.length > 0 && (
        <section class="panel" aria-label={t('upload.list')}>
          <TotalsBar onlyProblems={isFiltered} onFilter={setOnlyProblems} />
          <WindowedList
            items={isFiltered ? uploads.filter(hasProblem) : uploads}
            keyOf={({ id }) => id}
            rowHeight={ROW_HEIGHT}
            label={t('upload.list')}
            render={(upload) => <UploadRow upload={upload} />}
          />
        </section>
      )}
    </div>
  );
}

/** Takes pasted files and URLs wherever the focus is, except in a field. */
function usePastes(take: (selection: Selection) => void, takeUrls: (text: string) => void): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const isField = event.target instanceof HTMLElement && event.target.matches('input, textarea');
      if (isField || event.clipboardData === null) return;
      const files = [...event.clipboardData.files];
      const text = event.clipboardData.getData('text/plain');
      if (files.length > 0) {
        const images = files.map((file) => ({ file, name: file.name }));
        take({ images, sheet: null, leftOut: [] });
      } else if (/https?:\/\//.test(text)) takeUrls(text);
      else return;
      event.preventDefault();
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  });
}
