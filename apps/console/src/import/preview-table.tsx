import { COLUMN_FIELDS, type ColumnField } from '@pixdock/contract/sheet/guess-columns';
import { t } from '../messages/say.js';
import { WithCode } from '../parts/with-code.js';
import type { Sheet } from './read-sheet.js';
import type { Check } from './use-check.js';

interface Props {
  sheet: Sheet;
  fields: readonly ColumnField[];
  check: Check | null;
  onField: (column: number, field: ColumnField) => void;
}

export function PreviewTable({ sheet, fields, check, onField }: Props) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={t('import.columns')}>
      <table class="preview">
        <thead>
          <tr>
            <th scope="col" class="row-number">
              {t('import.row-numbers')}
            </th>
            {sheet.headers.map((header, i) => (
              <th key={i} scope="col">
                <select
                  aria-label={t('import.field-of', { header })}
                  class={fields[i] === 'none' ? 'unused' : ''}
                  value={fields[i]}
                  onChange={({ currentTarget }) => onField(i, currentTarget.value as ColumnField)}
                >
                  {COLUMN_FIELDS.map((field) => (
                    <option key={field} value={field}>
                      {t(`import.field.${field}`)}
                    </option>
                  ))}
                </select>
                <span>{header}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sheet.rows.map((cells, i) => (
            <PreviewRow key={i} index={i} cells={cells} sheet={sheet} fields={fields} check={check} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PreviewRow({
  index,
  cells,
  sheet,
  fields,
  check,
}: { index: number; cells: string[] } & Omit<Props, 'onField'>) {
  const row = sheet.rowNumbers[index] ?? 0;
  const faults = check?.faults.get(row) ?? [];
  const isWrong = (column: number) => faults.some(({ field }) => field === fields[column]);
  return (
    <>
      <tr class={faults.length > 0 ? 'wrong' : ''}>
        <th scope="row" class="row-number">
          {row}
        </th>
        {sheet.headers.map((_, i) => (
          <td
            key={i}
            class={`${fields[i] === 'none' ? 'unused' : ''}${isWrong(i) ? ' wrong-cell' : ''}`}
            title={cells[i]}
          >
            {cells[i]}
          </td>
        ))}
      </tr>
      {faults.length > 0 && (
        <tr class="fault">
          <td />
          <td colSpan={sheet.headers.length}>
            {faults.map(({ detail }) => (
              <p key={detail}>
                <WithCode text={detail} />
              </p>
            ))}
          </td>
        </tr>
      )}
    </>
  );
}
