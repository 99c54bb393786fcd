import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Icon } from '../parts/icon.js';
import { Loading, ProblemNotice } from '../parts/notice.js';
import { addressOf } from '../state/route.js';
import { droppedSheet } from '../upload/page-queue.js';
import { ArchivePreview } from './archive-preview.js';
import { kindOf } from './kind-of.js';
import { SheetPreview } from './sheet-preview.js';
import { MAX_CHECKED_BYTES } from './use-check.js';
import { usePreview } from './use-preview.js';

/** Makes a batch of a sheet or an archive: choose, look, correct, send. */
export function ImportView() {
  const [file, setFile] = useState<File | null>(droppedSheet.value);
  useEffect(() => void (droppedSheet.value = null), []);
  return (
    <div>
      <header class="heading">
        <div>
          <a class="back" href={addressOf('batches')}>
            <Icon name="back" />
            {t('batch.back')}
          </a>
          <h1 tabIndex={-1}>{t('import.title')}</h1>
        </div>
      </header>
      <Chooser file={file} onFile={setFile} />
      {file !== null && <Preview key={`${file.name} ${file.lastModified}`} file={file} />}
    </div>
  );
}

function Chooser({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const take = (chosen: File | undefined) => chosen !== undefined && onFile(chosen);
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      take(event.dataTransfer?.files[0]);
    };
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
    };
  }, []);
  return (
    <section class={`drop-zone${file === null ? '' : ' small'}`}>
      <Icon name="batches" />
      <p class="drop-title">{file?.name ?? t('import.lead')}</p>
      <p class="soft">{t('import.kinds')}</p>
      <div class="actions">
        <button type="button" class={file === null ? 'primary' : ''} onClick={() => input.current?.click()}>
          {t(file === null ? 'import.choose' : 'import.other')}
        </button>
      </div>
      <input
        ref={input}
        type="file"
        accept=".csv,.tsv,.txt,.xlsx,.xlsm,.ndjson,.jsonl,.zip"
        hidden
        onChange={({ currentTarget }) => {
          take(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
    </section>
  );
}

function Preview({ file }: { file: File }) {
  const kind = kindOf(file);
  if (kind === null) return <p class="notice bad">{t('import.not-a-sheet')}</p>;
  const isSheet = kind === 'csv' || (kind === 'workbook' && file.size <= MAX_CHECKED_BYTES);
  return isSheet ? <PreviewOfFile file={file} kind={kind} /> : <ArchivePreview file={file} kind={kind} />;
}

function PreviewOfFile({ file, kind }: { file: File; kind: 'csv' | 'workbook' }) {
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const preview = usePreview(file, kind, chosen);
  // While another sheet is read, or cannot be read, a person may choose again.
  const sheets = useRef<readonly string[]>([]);
  if (preview !== null && 'sheet' in preview) sheets.current = preview.sheet.sheets;
  return (
    <>
      {sheets.current.length > 1 && (
        <section class="panel padded">
          <label>
            {t('import.sheet')}
            <select
              value={chosen ?? sheets.current[0]}
              onChange={({ currentTarget }) => setChosen(currentTarget.value)}
            >
              {sheets.current.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </section>
      )}
      <PreviewOfSheet file={file} kind={kind} preview={preview} />
    </>
  );
}

interface PreviewProps {
  file: File;
  kind: 'csv' | 'workbook';
  preview: ReturnType<typeof usePreview>;
}

function PreviewOfSheet({ file, kind, preview }: PreviewProps) {
  if (preview === null) return <Loading />;
  if ('error' in preview) return <ProblemNotice error={preview.error} />;
  const { sheet } = preview;
  if (sheet.rows.length === 0)
    return <p class="notice bad">{t(kind === 'csv' ? 'import.empty-file' : 'import.empty-sheet')}</p>;
  return <SheetPreview key={sheet.sheet ?? ''} file={file} kind={kind} sheet={sheet} />;
}
