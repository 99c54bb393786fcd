import { MAX_COLUMNS } from '../../batch-formats/csv-columns.js';
import { isTrue } from '../../batch-formats/workbook/xml.js';
import { attributesIn, numberIn, type Tag, withAttributes } from './tokens.js';

/** Columns that a report adds to a sheet. */
export interface NewColumns {
  /** From 1. */
  first: number;
  /** In characters. */
  widths: readonly number[];
}

/**
 * The list of columns of a sheet, to which new ones are added with their widths. Its elements are in order and must not overlap
 * (ECMA-376 part 1, 18.3.1.13).
 */
export function openColumns({ first, widths }: NewColumns) {
  const end = first + widths.length;
  /** The next new column without a width. */
  let next = first;
  const styles: number[] = [];
  let tags = 0;

  function noteStyle(attributes: ReadonlyMap<string, string>): void {
    if (++tags > MAX_COLUMNS) return;
    const last = Math.min(numberIn(attributes, 'max'), MAX_COLUMNS);
    for (let at = Math.max(1, numberIn(attributes, 'min')); at <= last; at++)
      styles[at] = numberIn(attributes, 'style');
  }

  const widthOf = (column: number) => ({
    min: String(column),
    max: String(column),
    width: String(widths[column - first]),
    customWidth: '1',
    hidden: null,
  });

  function addUntil(column: number, prefix: string): string {
    let added = '';
    for (; next < Math.min(column, end); next++) added += withAttributes(`<${prefix}col/>`, widthOf(next));
    return added;
  }

  function writeColumns(source: string, { prefix }: Tag): string {
    const attributes = attributesIn(source);
    noteStyle(attributes);
    const [min, max] = [numberIn(attributes, 'min'), numberIn(attributes, 'max')];
    let written = addUntil(min, prefix);
    const last = Math.min(max, end - 1);
    if (last < next) return written + source;
    // Of an earlier report: a person may have changed it.
    if (min >= first && max < end && isTrue(attributes.get('customWidth'))) {
      next = max + 1;
      return written + source;
    }
    if (min < next) written += withAttributes(source, { max: String(next - 1) });
    for (; next <= last; next++) written += withAttributes(source, widthOf(next));
    return max < end ? written : written + withAttributes(source, { min: String(end) });
  }

  return {
    /** @param source a tag of the list, or of one of its elements */
    write(source: string, tag: Tag): string {
      const { name, kind, prefix } = tag;
      if (name === 'cols')
        return kind === 'start' ? source : kind === 'end' ? addUntil(Infinity, prefix) + source : '';
      if (kind === 'end') return '';
      return writeColumns(kind === 'start' ? `${source.slice(0, -1)}/>` : source, tag);
    },
    /** The list, if the sheet has none. */
    missing(prefix: string): string {
      const added = addUntil(Infinity, prefix);
      return added === '' ? '' : `<${prefix}cols>${added}</${prefix}cols>`;
    },
    /** The style of the cells that the file lacks in a column. */
    styleOf: (column: number) => styles[column] ?? 0,
  };
}
