import { catalog } from '@pixdock/contract/messages/catalog';
import { statusWords } from '@pixdock/contract/messages/status-words';
import { list } from '@pixdock/contract/messages/values';

export interface FolderDryRunText {
  files: string;
  toSend: string;
  existing: string;
  unreadable: string | null;
  empty: string | null;
}

/** Batches and single images. */
export const batch = catalog({
  'label.image': { en: 'image', zh: '图片' },
  'label.batch': { en: 'batch', zh: '批次' },
  'label.name': { en: 'name', zh: '名称' },
  'label.status': { en: 'status', zh: '状态' },
  'label.url': { en: 'url', zh: '链接' },
  'label.error': { en: 'error', zh: '错误' },
  'label.source': { en: 'source', zh: '原图' },
  'label.external-id': { en: 'externalId', zh: '外部编号' },
  'label.delete-at': { en: 'deletion', zh: '定时删除' },
  'label.last-error': { en: 'last error', zh: '上次错误' },
  'next-attempt': {
    en: ({ failure, at }: { failure: string; at: string }) => `${failure} Next attempt: ${at}`,
    zh: ({ failure, at }) => `${failure}下次尝试：${at}`,
  },
  'status-with-stage': {
    en: ({ status, stage }: { status: string; stage: string }) => `${status} (${stage})`,
    zh: ({ status, stage }) => `${status}（${stage}）`,
  },
  'being-deleted': { en: ', being deleted', zh: '，正在删除' },
  held: {
    en: ({ count }: { count: string }) => `${count} in review`,
    zh: ({ count }) => `${count} 张等待审核`,
  },
  'decision.approve': { en: 'approved', zh: '已批准' },
  'decision.reject': { en: 'rejected', zh: '已拒绝' },
  'being-canceled': { en: ', being canceled', zh: '，正在取消' },
  'in-row': {
    en: ({ batchId, row, position }: { batchId: string; row: number; position: number | null }) =>
      `${batchId}, row ${row}${position === null || position === 1 ? '' : `, image ${position}`}`,
    zh: ({ batchId, row, position }) =>
      `${batchId}，第 ${row} 行${position === null || position === 1 ? '' : `第 ${position} 张`}`,
  },

  ...statusWords,
  'status.running': { en: 'running', zh: '进行中' },
  'status.finished': { en: 'finished', zh: '已完成' },
  'stage.received': { en: 'received', zh: '已接收' },
  'stage.fetching': { en: 'fetching', zh: '抓取图片' },
  'stage.validating': { en: 'validating', zh: '校验' },
  'stage.normalizing': { en: 'normalizing', zh: '转正与压缩' },
  'stage.reviewing': { en: 'in review', zh: '审核' },
  'stage.uploading': { en: 'uploading', zh: '写入 OSS' },
  'stage.verifying': { en: 'verifying', zh: '核对' },
  'stage.published': { en: 'published', zh: '已发布' },
  'status-count': {
    en: ({ count, status }: { count: string; status: string }) => `${count} ${status}`,
    zh: ({ count, status }) => `${status} ${count}`,
  },
  counts: {
    en: ({ rows, total, counts }: { rows: string | null; total: string; counts: readonly string[] }) =>
      `${rows === null ? '' : `${numberOf(rows, 'row')}, `}${numberOf(total, 'image')}: ${counts.join(', ') || '–'}`,
    zh: ({ rows, total, counts }) =>
      `共 ${rows === null ? '' : `${rows} 行、`}${total} 张图片：${counts.join('，') || '–'}`,
  },

  'reading-failures': {
    en: ({ done, total }: { done: string; total: string }) => `reading failures: ${done} of ${total}`,
    zh: ({ done, total }) => `正在查看失败项：${done} / ${total}`,
  },
  'failure-example': {
    en: ({ row, name, detail }: { row: number | null; name: string; detail: string }) =>
      `e.g. ${subject(row === null ? '' : `row ${row}`, name === '' ? '' : ` (${name})`, name)}${detail}`,
    zh: ({ row, name, detail }) =>
      `例如 ${subject(row === null ? '' : `第 ${row} 行`, name === '' ? '' : `（${name}）`, name, '：')}${detail}`,
  },
  'row-place': {
    en: ({ row }: { row: number }) => `Row ${row}: `,
    zh: ({ row }) => `第 ${row} 行：`,
  },
  'no-images-found': { en: 'No images.', zh: '没有图片。' },
  'no-batches-found': { en: 'No batches.', zh: '没有批次。' },
  kept: { en: 'kept', zh: '已保留' },
  'deletions-requested': {
    en: ({ count }: { count: number }) =>
      count === 1 ? '1 image will be deleted.' : `${count} images will be deleted.`,
    zh: ({ count }) => `将删除 ${count} 张图片。`,
  },
  'failed-rows-hint': {
    en: ({ id, isWorkbook }: { id: string; isWorkbook: boolean }) =>
      isWorkbook
        ? `Save the failed rows of the workbook, correct the red cells and import it: pixdock report ${id} --failed -o failed.xlsx`
        : `Save the failed rows, correct them and import the file: pixdock report ${id} --failed -o failed.csv`,
    zh: ({ id, isWorkbook }) =>
      isWorkbook
        ? `保存工作簿中失败的行，改好标红的单元格后再导入：pixdock report ${id} --failed -o failed.xlsx`
        : `保存失败的行，改好后再导入：pixdock report ${id} --failed -o failed.csv`,
  },
  'retry-hint': {
    en: ({ id, codes }: { id: string; codes: string[] }) =>
      `${codes.length === 0 ? 'They' : 'Some'} may succeed when tried again:${retries(id, codes)}`,
    zh: ({ id, codes }) => `${codes.length === 0 ? '' : '其中一部分'}重试可能成功：${retries(id, codes)}`,
  },
  'follow-hint': {
    en: ({ id }: { id: string }) => `Follow it: pixdock status ${id} --watch`,
    zh: ({ id }) => `查看进度：pixdock status ${id} --watch`,
  },
  'batch-continues': {
    en: ({ id }: { id: string }) =>
      `The batch continues on the server.\n  see it   pixdock status ${id} --watch\n  stop it  pixdock cancel ${id}`,
    zh: ({ id }) =>
      `批次仍在服务器上继续。\n  查看  pixdock status ${id} --watch\n  停止  pixdock cancel ${id}`,
  },
  'image-continues': {
    en: ({ id }: { id: string }) =>
      `The image continues on the server.\n  see it     pixdock status ${id}\n  delete it  pixdock delete ${id}`,
    zh: ({ id }) => `图片仍在服务器上继续处理。\n  查看  pixdock status ${id}\n  删除  pixdock delete ${id}`,
  },
  'report-saved': {
    en: ({ file }: { file: string }) => `report: ${file}`,
    zh: ({ file }) => `报告：${file}`,
  },

  'columns-guessed': {
    en: ({ pairs }: { pairs: string }) =>
      `Guessed from the headers: --columns "${pairs}". Set the option to choose other columns.`,
    zh: ({ pairs }) => `根据表头推断：--columns "${pairs}"。如需更改，请指定此选项。`,
  },
  'columns-unused': {
    en: ({ headers }: { headers: readonly string[] }) => `Not used: ${list.en(headers)}.`,
    zh: ({ headers }) => `未使用：${list.zh(headers)}。`,
  },
  'reuse-question': {
    en: 'This is a report of Pixdock. Reuse the existing images of rows whose source is unchanged? [Y/n]',
    zh: '这是 Pixdock 的报告。原图未变的行是否沿用已有的图片？[Y/n]',
  },
  'reuse-chosen': {
    en: 'This is a report of Pixdock: rows whose source is unchanged reuse their existing images. --no-reuse processes them again.',
    zh: '这是 Pixdock 的报告：原图未变的行沿用已有的图片。如需重新处理，请加 --no-reuse。',
  },
  'dry-run-result': {
    en: ({ rows, total, valid, invalid }: DryRunText) =>
      `${rows === null ? numberOf(total, 'row') : `${numberOf(rows, 'row')}, ${numberOf(total, 'image')}`}: ${valid} valid, ${invalid} invalid; nothing was imported`,
    zh: ({ rows, total, valid, invalid }) =>
      rows === null
        ? `共 ${total} 行：有效 ${valid} 行，有误 ${invalid} 行；未导入任何内容`
        : `共 ${rows} 行、${total} 张图片：有效 ${valid} 张，有误 ${invalid} 张；未导入任何内容`,
  },
  'folder-dry-run-result': {
    en: ({ files, toSend, existing, unreadable, empty }: FolderDryRunText) =>
      `${files} ${files === '1' ? 'file' : 'files'}: ${toSend} to send, ${existing} already there${unreadable === null ? '' : `, ${unreadable} unreadable`}${empty === null ? '' : `, ${empty} empty`}; nothing was sent`,
    zh: ({ files, toSend, existing, unreadable, empty }) =>
      `共 ${files} 个文件：待发送 ${toSend} 个，已存在 ${existing} 个${unreadable === null ? '' : `，无法读取 ${unreadable} 个`}${empty === null ? '' : `，空文件 ${empty} 个`}；未发送任何内容`,
  },
  warning: {
    en: ({ detail }: { detail: string }) => `Warning: ${detail}`,
    zh: ({ detail }) => `注意：${detail}`,
  },
  'more-rows': {
    en: ({ count }: { count: string }) =>
      `and ${count} more invalid ${count === '1' ? 'image' : 'images'}, not listed`,
    zh: ({ count }) => `另有 ${count} 张图片有误，未列出`,
  },
  'import-stopped': { en: 'Stopped. Nothing was imported.', zh: '已停止，未导入任何内容。' },
  'import-stopped-late': {
    en: 'Stopped. The whole file was sent, so the server may still import it.',
    zh: '已停止。内容已全部发送，服务器可能仍会导入。',
  },
});

export interface DryRunText {
  /** Null if each row has one image. */
  rows: string | null;
  total: string;
  valid: string;
  invalid: string;
}

function numberOf(count: string, noun: string): string {
  return `${count} ${count === '1' ? noun : `${noun}s`}`;
}

function subject(row: string, nameBehindRow: string, name: string, colon = ': '): string {
  if (row === '' && name === '') return '';
  return `${row === '' ? name : row + nameBehindRow}${colon}`;
}

/** The commands that retry a batch: everything, or the failures of some codes. */
function retries(id: string, codes: string[]): string {
  const options = codes.length === 0 ? [''] : codes.map((code) => ` --code ${code}`);
  return options.map((option) => `\n  pixdock retry ${id}${option}`).join('');
}
