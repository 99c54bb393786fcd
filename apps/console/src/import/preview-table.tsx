import type { DryRun } from '@pixdock/client';
import { COLUMN_FIELDS, type ColumnField } from '@pixdock/contract/sheet/guess-columns';
import type { SheetPreview } from '@pixdock/contract/sheet/preview';
import { t } from '../messages/say.js';
import { WithCode } from '../parts/with-code.js';

interface Props {
  sheet: SheetPreview;
  fields: readonly ColumnField[];
  faults: DryRun['faults'];
  onField: (column: number, field: ColumnField) => void;
}

export function PreviewTable({ sheet, fields, faults, onField }: Props) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={t('import.columns')}>
      <table class="preview">
        <thead>
          <tr>
            <th scope="col" class="row-number">
              {t('import.row-numbers')}
            </th>
            {sheet.columns.map((header, i) => (
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
          {sheet.rows.map(({ row, cells }) => (
            <PreviewRow
              key={row}
              row={row}
              cells={cells}
              fields={fields}
              faults={faults.filter((fault) => fault.row === row)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PreviewRow({
  row,
  cells,
  fields,
  faults,
}: SheetPreview['rows'][number] & Pick<Props, 'fields' | 'faults'>) {
  const isWrong = (column: number) => faults.some(({ field }) => field === fields[column]);
  return (
    <>
      <tr class={faults.length > 0 ? 'wrong' : ''}>
        <th scope="row" class="row-number">
          {row}
        </th>
        {fields.map((_, i) => (
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
          <td colSpan={fields.length}>
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
