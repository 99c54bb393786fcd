import { catalog } from './catalog.js';
import { list, size } from './values.js';

/** Problems of a CSV file as a whole and of the query parameter `columns`. */
export const csvMessages = catalog({
  'csv-charset': {
    en: 'CSV must be in UTF-8 or GB18030 (GBK, GB2312). Save it as "CSV UTF-8", or name its charset in Content-Type.',
    zh: 'CSV 编码须为 UTF-8 或 GB18030（GBK、GB2312）。请另存为“CSV UTF-8”，或在 Content-Type 中写明 charset。',
  },
  'csv-utf16': {
    en: 'The file is in UTF-16. Save it as "CSV UTF-8".',
    zh: '文件为 UTF-16 编码。请另存为“CSV UTF-8”。',
  },
  'csv-without-header': {
    en: 'The first row is not a header. It must name the columns, in UTF-8 or GB18030.',
    zh: '首行不是表头。首行须为各列的名称，编码为 UTF-8 或 GB18030。',
  },
  'csv-other-charset': {
    en: ({ charset }: { charset: string }) =>
      `The first row is not ${charset}, which Content-Type or a byte order mark declares. Leave out charset: Pixdock detects UTF-8 and GB18030 (GBK).`,
    zh: ({ charset }) =>
      `Content-Type（或字节序标记）声明编码为 ${charset}，但首行并不是。请去掉 charset，由服务器识别 UTF-8 或 GB18030（GBK）。`,
  },
  'csv-one-line': {
    en: 'The file has a single line, which contains URLs. `curl -d` removes line breaks: use --data-binary @rows.csv.',
    zh: '文件只有一行，其中含有 URL。curl -d 会去掉换行：请使用 --data-binary @rows.csv。',
  },
  'csv-too-many-columns': {
    en: ({ columns, max }: { columns: number; max: number }) =>
      `The header row has ${columns} columns; the limit is ${max}. Leave out columns that the report does not need.`,
    zh: ({ columns, max }) => `表头有 ${columns} 列，上限为 ${max} 列。请去掉报告中不需要的列。`,
  },
  'csv-open-quote': {
    en: ({ row, max }: { row: number; max: number }) =>
      `A quote (") in or after row ${row} is never closed, or the row is longer than ${size.en(max)}. Write a quote within a quoted cell twice ("").`,
    zh: ({ row, max }) =>
      `从第 ${row} 行起有引号（"）没有闭合，或该行超过 ${size.zh(max)}。带引号的单元格内的引号须写成两个（""）。`,
  },
  'csv-without-url': {
    en: ({ headers }: { headers: readonly string[] }) =>
      `No column contains the image URLs. Name one "url" in the first row, or choose it: ?columns=HEADER:url, or --columns HEADER:url. The first row is: ${list.en(headers)}.`,
    zh: ({ headers }) =>
      `没有找到图片链接列。请在首行把这一列命名为 url，或用 ?columns=表头:url（命令行为 --columns 表头:url）指定。首行为：${list.zh(headers)}。`,
  },
  'csv-url-as-header': {
    en: ({ header }: { header: string }) =>
      `No column is named "url", and the first row contains a URL: "${header}". If it is data, add a row above it that names the columns. Otherwise choose the column: ?columns=HEADER:url.`,
    zh: ({ header }) =>
      `没有名为 url 的列，而首行含有 URL：“${header}”。如果首行是数据，请在其上方加一行列名；否则请用 ?columns=表头:url 指定该列。`,
  },
  'csv-two-columns': {
    en: ({ field }: { field: string }) => `Two columns are ${field}. Only url may have several.`,
    zh: ({ field }) => `有两列对应 ${field}。只有 url 可以有多列。`,
  },
  'csv-column-ignored': {
    en: ({ column, meant }: { column: string; meant: string }) =>
      `Column \`${column}\` is not a known column and appears in reports only. Write it as \`${meant}\` if it should set that field.`,
    zh: ({ column, meant }) =>
      `没有识别“${column}”列，它只会原样带进报告。如果它是 ${meant}，请把列名改成 ${meant}。`,
  },
  'preview-without-sheet': {
    en: 'Only a CSV file (text/csv) and an Excel workbook (.xlsx) have a preview.',
    zh: '只有 CSV 文件（text/csv）与 Excel 工作簿（.xlsx）可以预览。',
  },
  'columns-without-csv': {
    en: '`columns` is only for CSV and workbooks.',
    zh: 'columns 仅用于 CSV 与工作簿。',
  },
  'columns-malformed': {
    en: ({ pair, fields }: { pair: string; fields: readonly string[] }) =>
      `\`columns\` contains "${pair}", which is not HEADER:field. A field is ${list.en(fields)} or metadata.KEY.`,
    zh: ({ pair, fields }) =>
      `columns 中的“${pair}”应写成“表头:字段”。字段为 ${list.zh(fields)} 或 metadata.KEY。`,
  },
  'columns-unknown-field': {
    en: ({ pair, field, fields }: { pair: string; field: string; fields: readonly string[] }) =>
      `\`columns\` contains "${pair}", but "${field}" is not a field. The fields are ${list.en(fields)} and metadata.KEY.`,
    zh: ({ pair, field, fields }) =>
      `columns 中的“${pair}”：“${field}”不是字段。字段为 ${list.zh(fields)} 或 metadata.KEY。`,
  },
  'columns-twice': {
    en: ({ header }: { header: string }) => `\`columns\` names "${header}" twice.`,
    zh: ({ header }) => `columns 中“${header}”出现了两次。`,
  },
  'columns-missing': {
    en: ({ header, headers }: { header: string; headers: readonly string[] }) =>
      `\`columns\` names "${header}", but the header row has only: ${list.en(headers)}.`,
    zh: ({ header, headers }) => `columns 中的“${header}”不在表头中。表头为：${list.zh(headers)}。`,
  },
  'columns-ambiguous': {
    en: ({ header }: { header: string }) =>
      `\`columns\` names "${header}", which the header row has twice. Rename one.`,
    zh: ({ header }) => `columns 中的“${header}”在表头中出现了两次。请重命名其中一列。`,
  },
});
