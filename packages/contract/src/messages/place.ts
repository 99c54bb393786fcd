import type { Text } from './text.js';

/** Where in a request a wrong value is: in a field, a query parameter or a row; none of them: the whole body. */
export interface Place {
  /** Of a batch, from 1. */
  row?: number | undefined;
  /** Where the row begins in the file, from 1. */
  line?: number | undefined;
  field?: string | undefined;
  /** The header of the field's column, where it is not the name of the field. */
  column?: string | undefined;
  parameter?: string | undefined;
}

/** The subject of a sentence about the value. */
export const subject = {
  en({ row, line, field, column, parameter }: Place): string {
    if (row !== undefined) {
      const place =
        line === undefined || line === row ? `Row ${row}` : `Row ${row} (line ${line} of the file)`;
      if (column !== undefined) return `${place}: column "${column}"`;
      return field === undefined ? place : `${place}: \`${field}\``;
    }
    if (parameter !== undefined) return `Query parameter \`${parameter}\``;
    return field === undefined ? 'The body' : `Field \`${field}\``;
  },
  zh({ row, line, field, column, parameter }: Place): string {
    if (row !== undefined) {
      const place = line === undefined || line === row ? `第 ${row} 行` : `第 ${row} 行（文件第 ${line} 行）`;
      if (column !== undefined) return `${place}：“${column}”`;
      return field === undefined ? place : `${place}：${field} `;
    }
    if (parameter !== undefined) return `查询参数 ${parameter} `;
    return field === undefined ? '请求体' : `字段 ${field} `;
  },
};

/** A file or an archive entry of a batch. */
export interface NamedPlace {
  row?: number | undefined;
  /** Its name. */
  value?: string | undefined;
}

export const fileSubject = named({ en: 'File', zh: '文件' });
export const entrySubject = named({ en: 'Entry', zh: '文件' });

function named(noun: Text) {
  return {
    en: ({ row, value }: NamedPlace) => `${noun.en} ${row}${value === undefined ? '' : ` ("${value}")`}`,
    zh: ({ row, value }: NamedPlace) =>
      `第 ${row} 个${noun.zh}${value === undefined ? '' : `（“${value}”）`}`,
  };
}
