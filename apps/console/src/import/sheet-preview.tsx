import {
  type ColumnField,
  guessColumns,
  lacksHeader,
  mappingOf,
} from '@pixdock/contract/sheet/guess-columns';
import type { SheetPreview as Sheet } from '@pixdock/contract/sheet/preview';
import { useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Status } from '../parts/status-line.js';
import { PreviewTable } from './preview-table.js';
import { SendBar } from './send-bar.js';
import { useCheck } from './use-check.js';
import { Verdict } from './verdict.js';

interface Props {
  file: File;
  kind: 'csv' | 'workbook';
  sheet: Sheet;
}

/** The first rows of a sheet with the meaning of its columns, and the faults of all its rows. */
export function SheetPreview({ file, kind, sheet }: Props) {
  const [fields, setFields] = useState(() => guessColumns(sheet));
  const [profile, setProfile] = useState('default');
  const columns = mappingOf(sheet.columns, fields);
  const choice = { kind, columns, sheet: sheet.sheet ?? undefined, profile };
  const missing = missingPart(sheet, fields);
  const isReady = missing === null;
  const check = useCheck(file, choice, isReady);
  const faults = check.state === 'checked' ? check.result.faults : [];
  const choose = (column: number, field: ColumnField) =>
    setFields((all) => all.map((one, i) => (i === column ? field : one)));
  return (
    <>
      <section class="panel">
        <div class="padded">
          {missing === null ? <Verdict check={check} /> : <Status kind="warn-text">{t(missing)}</Status>}
          <h2>{t('import.preview', { count: sheet.rows.length })}</h2>
          <p class="soft">
            {t('import.mapping')}{' '}
            {sheet.encoding !== null && t('import.encoding', { encoding: sheet.encoding.toUpperCase() })}
          </p>
        </div>
        <PreviewTable file={file} sheet={sheet} fields={fields} faults={faults} onField={choose} />
      </section>
      <SendBar
        file={file}
        choice={choice}
        onProfile={setProfile}
        isReady={isReady}
        isReport={sheet.isReport}
      />
    </>
  );
}

type MissingPart = 'import.no-header' | 'import.no-url';

function missingPart({ columns, sheet }: Sheet, fields: readonly ColumnField[]): MissingPart | null {
  if (lacksHeader(columns, fields)) return 'import.no-header';
  // A workbook may have pictures instead, also below these rows.
  return sheet !== null || fields.includes('url') ? null : 'import.no-url';
}
