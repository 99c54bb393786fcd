import { catalog } from './catalog.js';
import { list } from './values.js';

/** What a workbook may have so much of. */
const LIMITS = {
  xml: { en: 'bytes of XML', zh: '字节的 XML' },
  ratio: { en: 'times its size once it is unpacked', zh: '倍于文件大小的内容（解压后）' },
  relations: { en: 'relationships of a part', zh: '个部件关系' },
  strings: { en: 'characters in its cells', zh: '个字符' },
  styles: { en: 'styles', zh: '个样式' },
  merges: { en: 'merged cells and links', zh: '个合并单元格与超链接' },
  pictures: { en: 'pictures', zh: '张图片' },
};
export type WorkbookLimit = keyof typeof LIMITS;

/** Problems of an Excel workbook as a whole. */
export const workbookMessages = catalog({
  'not-a-workbook': {
    en: 'This is not an Excel workbook: it has no sheets. Open it in Excel, WPS or LibreOffice and save it as .xlsx.',
    zh: '这不是 Excel 工作簿：里面没有工作表。请用 Excel、WPS 或 LibreOffice 打开后另存为 .xlsx。',
  },
  'old-workbook': {
    en: 'This file is an XLS or ET workbook of the old format, is protected by a password, or is another Office document. Open it and save it as .xlsx without a password.',
    zh: '这是旧格式（.xls、.et）或加了密码的工作簿，也可能是其他 Office 文档。请打开后另存为不带密码的 .xlsx。',
  },
  'workbook-damaged': {
    en: ({ part }: { part: string }) =>
      `The workbook is damaged: its part ${part} is missing or cannot be read. Open it in Excel or WPS, save it as a new .xlsx, and send that.`,
    zh: ({ part }) =>
      `工作簿已损坏：其中的 ${part} 缺失或无法读取。请用 Excel 或 WPS 打开，另存为新的 .xlsx 后再发送。`,
  },
  'workbook-too-complex': {
    en: ({ what, max }: { what: WorkbookLimit; max: number }) =>
      `The workbook has more than ${max} ${LIMITS[what].en}, the limit of this server. Split it, or save the sheet as CSV.`,
    zh: ({ what, max }) => `工作簿超过上限 ${max} ${LIMITS[what].zh}。请拆成几个文件，或把表格另存为 CSV。`,
  },
  'workbook-without-images': {
    en: ({ headers }: { headers: readonly string[] }) =>
      `The sheet has neither pictures nor a column of image URLs. Choose another sheet (?sheet=NAME), or the column of URLs (?columns=HEADER:url). The header row is: ${list.en(headers)}.`,
    zh: ({ headers }) =>
      `这张工作表里既没有图片，也没有图片链接列。请选择其他工作表（?sheet=名称），或指定图片链接列（?columns=表头:url）。表头为：${list.zh(headers)}。`,
  },
  'sheet-missing': {
    en: ({ sheet, sheets }: { sheet: string; sheets: readonly string[] }) =>
      `The workbook has no sheet "${sheet}". Its sheets are: ${list.en(sheets)}.`,
    zh: ({ sheet, sheets }) => `工作簿里没有工作表“${sheet}”。现有：${list.zh(sheets)}。`,
  },
  'other-sheets': {
    en: ({ sheet, others }: { sheet: string; others: readonly string[] }) =>
      `Only the sheet "${sheet}" was read. The workbook also has: ${list.en(others)}.`,
    zh: ({ sheet, others }) => `只读取了工作表“${sheet}”。工作簿里还有：${list.zh(others)}。`,
  },
  'sheet-without-workbook': {
    en: '`sheet` is only for Excel workbooks.',
    zh: 'sheet 仅用于 Excel 工作簿。',
  },
  'workbook-beside-files': {
    en: 'A workbook is a batch of its own. Send it without other files.',
    zh: '工作簿须单独作为一个批次，请不要与其他文件一起发送。',
  },
  'batch-without-workbook': {
    en: 'This batch was not imported from an Excel workbook. Read its outcome from the report (report.csv) instead.',
    zh: '该批次不是从 Excel 工作簿导入的。请改用报告（report.csv）查看结果。',
  },
  'workbook-gone': {
    en: 'The workbook cannot be returned any more: a row was deleted, or the batch ended more than a day ago. Read its outcome from the report (report.csv) instead.',
    zh: '工作簿已无法取回：有行被删除，或批次结束已超过一天。请改用报告（report.csv）查看结果。',
  },
  'workbook-without-room': {
    en: 'The workbook has no room for further columns, or is too large to be written again. Read the outcome from the report (report.csv) instead.',
    zh: '工作簿无法再添加列，或文件过大、无法重新写出。请改用报告（report.csv）查看结果。',
  },
  'hidden-rows': {
    en: ({ rows }: { rows: number }) =>
      `${rows} hidden ${rows === 1 ? 'row is' : 'rows are'} left out. Clear the filter, or unhide the rows, if they should be imported.`,
    zh: ({ rows }) => `有 ${rows} 行被隐藏，不会导入。如需导入，请清除筛选或取消隐藏这些行，再重新发送。`,
  },
});
