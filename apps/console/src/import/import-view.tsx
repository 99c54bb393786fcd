import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Icon } from '../parts/icon.js';
import { Loading, ProblemNotice } from '../parts/notice.js';
import { addressOf } from '../state/route.js';
import { droppedSheet } from '../upload/page-queue.js';
import { ArchivePreview } from './archive-preview.js';
import { kindOf } from './kind-of.js';
import { SheetPreview } from './sheet-preview.js';
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
  return kind === 'csv' ? <PreviewOfSheet file={file} /> : <ArchivePreview file={file} kind={kind} />;
}

function PreviewOfSheet({ file }: { file: File }) {
  const preview = usePreview(file);
  if (preview === null) return <Loading />;
  if ('error' in preview) return <ProblemNotice error={preview.error} />;
  const { sheet } = preview;
  if (sheet.rows.length === 0) return <p class="notice bad">{t('import.empty-file')}</p>;
  return <SheetPreview file={file} sheet={sheet} />;
}
