import type { DryRun } from '@pixdock/client';
import { COLUMN_FIELDS, type ColumnField } from '@pixdock/contract/sheet/guess-columns';
import type { PreviewPicture, SheetPreview } from '@pixdock/contract/sheet/preview';
import { t } from '../messages/say.js';
import { CellPicture } from './cell-picture.js';

interface Props {
  file: File;
  sheet: SheetPreview;
  fields: readonly ColumnField[];
  faults: DryRun['faults'];
  onField: (column: number, field: ColumnField) => void;
}

/** Pictures of a cell; their number says that there are more. */
const MAX_SHOWN = 3;

export function PreviewTable({ file, sheet, fields, faults, onField }: Props) {
  const { columns, rows } = sheet;
  const lastColumn = Math.max(0, ...rows.flatMap(({ pictures }) => pictures.map(({ column }) => column)));
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={t('import.columns')}>
      <table class="preview">
        <thead>
          <tr>
            <th scope="col" class="row-number">
              {t('import.row-numbers')}
            </th>
            {columns.map((header, i) => (
              <th key={i} scope="col">
                <select
                  aria-label={t('import.field-of', { header })}
                  class={fields[i] === 'none' ? 'unused' : ''}
                  value={fields[i]}
                  onChange={({ currentTarget }) => onField(i, currentTarget.value as ColumnField)}
                >
                  {COLUMN_FIELDS.map((field) => (
                    <option key={field} value={field}>
                      {t(
                        field === 'url' && sheet.sheet !== null
                          ? 'import.field.image'
                          : `import.field.${field}`,
                      )}
                    </option>
                  ))}
                </select>
                <span>{header}</span>
              </th>
            ))}
            {lastColumn > columns.length && (
              <th scope="col" colSpan={lastColumn - columns.length}>
                {t('import.pictures')}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <PreviewRow
              key={row.row}
              file={file}
              row={row}
              width={Math.max(lastColumn, columns.length)}
              fields={fields}
              faults={faults.filter((fault) => fault.row === row.row)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Pick<Props, 'file' | 'fields' | 'faults'> {
  row: SheetPreview['rows'][number];
  width: number;
}

function PreviewRow({ file, row: { row, cells, pictures }, width, fields, faults }: RowProps) {
  const isWrong = (column: number) => faults.some(({ field }) => field !== null && field === fields[column]);
  return (
    <tr class={faults.length > 0 ? 'wrong' : ''}>
      <th scope="row" class="row-number">
        {row}
      </th>
      {Array.from({ length: width }, (_, i) => (
        <td
          key={i}
          class={`${fields[i] === 'none' ? 'unused' : ''}${isWrong(i) ? ' wrong-cell' : ''}`}
          title={cells[i]}
        >
          {cells[i]}
          <CellPictures file={file} pictures={pictures.filter(({ column }) => column === i + 1)} />
        </td>
      ))}
    </tr>
  );
}

function CellPictures({ file, pictures }: { file: File; pictures: readonly PreviewPicture[] }) {
  return (
    <>
      {pictures.slice(0, MAX_SHOWN).map((picture, i) => (
        <CellPicture key={i} file={file} picture={picture} />
      ))}
      {pictures.length > MAX_SHOWN && <span class="soft">+{pictures.length - MAX_SHOWN}</span>}
    </>
  );
}
