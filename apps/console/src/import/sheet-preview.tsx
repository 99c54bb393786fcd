import {
  type ColumnField,
  guessColumns,
  lacksHeader,
  mappingOf,
} from '@pixdock/contract/sheet/guess-columns';
import { useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { ProblemNotice } from '../parts/notice.js';
import { PreviewTable } from './preview-table.js';
import type { Sheet } from './read-sheet.js';
import { SendBar } from './send-bar.js';
import { type Check, useCheck } from './use-check.js';

/** The first rows of a sheet with the meaning of its columns and the faults of its rows. */
export function SheetPreview({ file, sheet }: { file: File; sheet: Sheet }) {
  const [fields, setFields] = useState(() => guessColumns(sheet.headers, sheet.rows));
  const [profile, setProfile] = useState('default');
  const columns = mappingOf(sheet.headers, fields);
  const check = useCheck(sheet, columns, profile);
  const choose = (column: number, field: ColumnField) =>
    setFields((all) => all.map((one, i) => (i === column ? field : one)));
  const missing = missingPart(sheet, fields);
  return (
    <>
      <section class="panel">
        <div class="padded">
          <h2>{t('import.preview', { count: sheet.rows.length })}</h2>
          <p class="soft">
            {t('import.mapping')} {t('import.encoding', { encoding: sheet.encoding })}
          </p>
          <Verdict check={check} missing={missing} />
        </div>
        <PreviewTable sheet={sheet} fields={fields} check={check} onField={choose} />
      </section>
      <SendBar
        file={file}
        kind="csv"
        columns={columns}
        profile={profile}
        onProfile={setProfile}
        isReady={missing === null}
      />
    </>
  );
}

type MissingPart = 'import.no-header' | 'import.no-url';

function missingPart({ headers }: Sheet, fields: readonly ColumnField[]): MissingPart | null {
  if (lacksHeader(headers, fields)) return 'import.no-header';
  return fields.includes('url') ? null : 'import.no-url';
}

function Verdict({ check, missing }: { check: Check | null; missing: MissingPart | null }) {
  if (missing !== null)
    return (
      <p class="warn-text" role="status">
        {t(missing)}
      </p>
    );
  if (check === null)
    return (
      <p class="soft" role="status">
        {t('import.checking')}
      </p>
    );
  if (check.error !== null) return <ProblemNotice error={check.error} />;
  return check.faults.size === 0 ? (
    <p class="good-text" role="status">
      {t('import.all-valid')}
    </p>
  ) : (
    <p class="warn-text" role="status">
      {t('import.faults', { count: check.faults.size })}
    </p>
  );
}
