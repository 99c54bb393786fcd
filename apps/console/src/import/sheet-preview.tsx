import {
  type ColumnField,
  guessColumns,
  lacksHeader,
  mappingOf,
} from '@pixdock/contract/sheet/guess-columns';
import type { SheetPreview as Sheet } from '@pixdock/contract/sheet/preview';
import { useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatSize } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { FaultList } from './fault-list.js';
import { PreviewTable } from './preview-table.js';
import { SendBar } from './send-bar.js';
import { type Check, MAX_CHECKED_BYTES, useCheck } from './use-check.js';

/** The first rows of a sheet with the meaning of its columns, and the faults of all its rows. */
export function SheetPreview({ file, sheet }: { file: File; sheet: Sheet }) {
  const [fields, setFields] = useState(() => guessColumns(sheet));
  const [profile, setProfile] = useState('default');
  const columns = mappingOf(sheet.columns, fields);
  const missing = missingPart(sheet, fields);
  const isReady = missing === null;
  const check = useCheck(file, { columns, profile, isReady });
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
        <FaultList faults={faults.filter(({ row }) => row > (sheet.rows.at(-1)?.row ?? 0))} />
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

function Verdict({ check }: { check: Check }) {
  if (check.state === 'failed') return <ProblemNotice error={check.error} />;
  if (check.state === 'too-large')
    return <Status kind="soft">{t('import.too-large', { size: formatSize(MAX_CHECKED_BYTES) })}</Status>;
  if (check.state !== 'checked')
    return (
      <Status kind="soft">
        {t('import.checking', { percent: check.state === 'checking' ? check.percent : 0 })}
      </Status>
    );
  const { total, invalid } = check.result;
  return invalid === 0 ? (
    <Status kind="good-text">{t('import.all-valid', { total })}</Status>
  ) : (
    <Status kind="warn-text">{t('import.faults', { invalid, total })}</Status>
  );
}

function Status({ kind, children }: { kind: string; children: string }) {
  return (
    <p class={kind} role="status">
      {children}
    </p>
  );
}
