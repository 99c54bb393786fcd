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
import { FaultList } from './fault-list.js';
import { PreviewTable } from './preview-table.js';
import { SendBar } from './send-bar.js';
import { useCheck } from './use-check.js';
import { Verdict } from './verdict.js';

/** The first rows of a sheet with the meaning of its columns, and the faults of all its rows. */
export function SheetPreview({ file, sheet }: { file: File; sheet: Sheet }) {
  const [fields, setFields] = useState(() => guessColumns(sheet));
  const [profile, setProfile] = useState('default');
  const columns = mappingOf(sheet.columns, fields);
  const missing = missingPart(sheet, fields);
  const isReady = missing === null;
  const check = useCheck(file, { kind: 'csv', columns, profile, isReady });
  const faults = check.state === 'checked' ? check.result.faults : [];
  const choose = (column: number, field: ColumnField) =>
    setFields((all) => all.map((one, i) => (i === column ? field : one)));
  return (
    <>
      <section class="panel">
        <div class="padded">
          <h2>{t('import.preview', { count: sheet.rows.length })}</h2>
          <p class="soft">
            {t('import.mapping')} {t('import.encoding', { encoding: sheet.encoding.toUpperCase() })}
          </p>
          {missing === null ? <Verdict check={check} /> : <Status kind="warn-text">{t(missing)}</Status>}
        </div>
        <PreviewTable sheet={sheet} fields={fields} faults={faults} onField={choose} />
        <FaultList
          title={t('import.further-faults')}
          faults={faults.filter(({ row }) => row > (sheet.rows.at(-1)?.row ?? 0))}
        />
      </section>
      <SendBar
        file={file}
        kind="csv"
        columns={columns}
        profile={profile}
        onProfile={setProfile}
        isReady={isReady}
      />
    </>
  );
}

type MissingPart = 'import.no-header' | 'import.no-url';

function missingPart({ columns }: Sheet, fields: readonly ColumnField[]): MissingPart | null {
  if (lacksHeader(columns, fields)) return 'import.no-header';
  return fields.includes('url') ? null : 'import.no-url';
}
