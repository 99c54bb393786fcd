import { catalog } from '@pixdock/contract/messages/catalog';

/** Texts of the views of batches and of the import. */
export const batchMessages = catalog({
  'batches.title': { en: 'Batches', zh: '批次' },
  'batches.new': { en: 'New batch', zh: '新建批次' },
  'batches.empty': { en: 'No batches yet', zh: '还没有批次' },
  'batches.empty-hint': {
    en: 'Import a supplier’s sheet, a list of URLs or a ZIP archive, and follow every row of it here.',
    zh: '导入供应商的表格、链接列表或 ZIP 压缩包，在这里查看每一行的进展。',
  },
  'batches.search': { en: 'Name contains', zh: '名称包含' },
  'batches.none-named': { en: 'No batch has this in its name', zh: '没有名称含此文字的批次' },
  'batches.items': {
    en: ({ count }: { count: string }) => (count === '1' ? '1 image' : `${count} images`),
    zh: ({ count }) => `${count} 张图片`,
  },

  'batch.title': {
    en: ({ time }: { time: string }) => `Batch of ${time}`,
    zh: ({ time }) => `${time} 的批次`,
  },
  'batch.name': { en: 'Name', zh: '名称' },
  'batch.rename': { en: 'Rename', zh: '重命名' },
  'batch.back': { en: 'All batches', zh: '全部批次' },
  'batch.bar': {
    en: ({ parts, total }: { parts: string; total: string }) => `${parts}; together ${total}`,
    zh: ({ parts, total }) => `${parts}；共 ${total}`,
  },
  'batch.progress': {
    en: ({ done, total }: { done: string; total: string }) =>
      done === total ? `All ${total} images are final` : `${done} of ${total} images are final`,
    zh: ({ done, total }) =>
      done === total ? `${total} 张全部处理完` : `共 ${total} 张，已处理完 ${done} 张`,
  },
  'batch.held': {
    en: ({ count }: { count: string }) => `${count} in review`,
    zh: ({ count }) => `${count} 张等待审核`,
  },
  'batch.finished-at': {
    en: ({ time }: { time: string }) => `finished ${time}`,
    zh: ({ time }) => `${time} 完成`,
  },
  'batch.stop': { en: 'Cancel the rest', zh: '取消其余图片' },
  'batch.stop-title': { en: 'Cancel what is left?', zh: '取消其余图片？' },
  'batch.stop-effect': {
    en: 'Images that are not final are canceled. Published images stay.',
    zh: '还没处理完的图片会被取消；已发布的图片保留。',
  },
  'batch.delete-title': { en: 'Delete the whole batch?', zh: '删除整个批次？' },
  'batch.delete-effect': {
    en: ({ total }: { total: string }) =>
      `Pixdock removes the objects of all ${total} images from the bucket, except those that this batch has reused. Their links stop working, also in other batches that have reused these images. This cannot be undone.`,
    zh: ({ total }) =>
      `Pixdock 会从 Bucket 中删除全部 ${total} 张图片（本批次沿用的已有图片除外），链接随之失效，其他批次沿用了这些图片的行也不例外。此操作无法撤销。`,
  },
  'batch.report': { en: 'Download the report', zh: '下载报告' },
  'batch.workbook': { en: 'Download the workbook', zh: '下载工作簿' },
  'batch.failed-rows': { en: 'Failed rows', zh: '失败的行' },
  'batch.retry-all': { en: 'Retry failed images', zh: '重试失败的图片' },
  'batch.fix-rows': {
    en: 'A retry cannot help. Download “Failed rows”, correct them and import that file.',
    zh: '重试没有用。请下载“失败的行”，改好后导入该文件。',
  },
  'batch.failures': { en: 'Failures by reason', zh: '失败原因' },
  'batch.failures-first': {
    en: ({ count }: { count: string }) => `The first ${count} failures, by reason`,
    zh: ({ count }) => `前 ${count} 张失败图片，按原因分组`,
  },
  'batch.no-failures': { en: 'Nothing has failed', zh: '没有失败的图片' },
  'batch.hosts': { en: 'From', zh: '来自' },
  'batch.rows': { en: 'Rows', zh: '行' },
  'batch.retry-code': {
    en: ({ count }: { count: string }) => `Retry ${count}`,
    zh: ({ count }) => `重试 ${count} 张`,
  },
  'batch.show-rows': {
    en: ({ count }: { count: string }) => (count === '1' ? 'Show the row' : `Show ${count} rows`),
    zh: ({ count }) => `显示 ${count} 行`,
  },
  'batch.row': { en: 'Row', zh: '行' },
  'batch.reason': { en: 'Reason', zh: '原因' },
  'batch.source': { en: 'Source', zh: '来源' },
  'batch.images': { en: 'Images of this batch', zh: '该批次的图片' },

  'import.title': { en: 'New batch', zh: '新建批次' },
  'import.lead': {
    en: 'Drop a sheet with image URLs, or an archive of images.',
    zh: '把含有图片链接的表格或图片压缩包拖到这里。',
  },
  'import.kinds': {
    en: 'Excel workbook (.xlsx) with links or pictures, CSV (also GBK), NDJSON or ZIP, up to 100,000 images',
    zh: 'Excel 工作簿（.xlsx，链接或单元格里的图片都行）、CSV（包括 GBK）、NDJSON 或 ZIP，最多 100,000 张图片',
  },
  'import.choose': { en: 'Choose a file', zh: '选择文件' },
  'import.other': { en: 'Choose another file', zh: '换一个文件' },
  'import.row': {
    en: ({ row }: { row: number }) => `Row ${row}: `,
    zh: ({ row }) => `第 ${row} 行：`,
  },
  'import.not-a-sheet': {
    en: 'This is not a workbook (.xlsx), CSV, NDJSON or ZIP file. In Excel or WPS, choose “Save as” and .xlsx.',
    zh: '这不是工作簿（.xlsx）、CSV、NDJSON 或 ZIP 文件。请在 Excel 或 WPS 中选择“另存为”→ .xlsx。',
  },
  'import.sheet': { en: 'Sheet', zh: '工作表' },
  'import.pictures': { en: 'Pictures', zh: '图片' },
  'import.empty-sheet': {
    en: 'This sheet has no rows. Choose another one.',
    zh: '这张工作表没有数据行，请选择其他工作表。',
  },
  'import.empty-file': { en: 'The file has no rows.', zh: '文件中没有数据行。' },
  'import.encoding': {
    en: ({ encoding }: { encoding: string }) => `Encoding: ${encoding}.`,
    zh: ({ encoding }) => `编码：${encoding}。`,
  },
  'import.columns': { en: 'Columns', zh: '列' },
  'import.mapping': {
    en: 'Pixdock guessed the meaning of each column from its header. Correct it above the column.',
    zh: '已按表头猜出各列的含义，猜错的请在列上方修改。',
  },
  'import.field-of': {
    en: ({ header }: { header: string }) => `Meaning of the column ${header}`,
    zh: ({ header }) => `“${header}”列的含义`,
  },
  'import.field.none': { en: 'Only for the report', zh: '不使用（原样带进报告）' },
  'import.field.url': { en: 'Image URL', zh: '图片链接' },
  'import.field.image': { en: 'Image (picture or URL)', zh: '图片（或链接）' },
  'import.field.externalId': { en: 'Your id', zh: '外部编号' },
  'import.field.profile': { en: 'Profile', zh: '处理方案' },
  'import.field.sha256': { en: 'SHA-256', zh: 'SHA-256' },
  'import.field.metadata': { en: 'Metadata', zh: '附加信息' },
  'import.no-header': {
    en: 'The first row contains a URL. Add a row above it that names the columns, and choose the file again.',
    zh: '首行里有链接。请在上面加一行列名，再重新选择文件。',
  },
  'import.no-url': {
    en: 'No column has the image URLs yet. Choose it above the table.',
    zh: '还没有指定图片链接列，请在表格上方选择。',
  },
  'import.preview': {
    en: ({ count }: { count: number }) => (count === 1 ? 'The first row' : `The first ${count} rows`),
    zh: ({ count }) => `前 ${count} 行`,
  },
  'import.row-numbers': { en: 'Row', zh: '行' },
  'import.checking': {
    en: ({ percent }: { percent: number }) =>
      percent < 100 ? `Sending all rows to be checked, ${percent} %` : 'The server checks all rows …',
    zh: ({ percent }) => (percent < 100 ? `正在发送全部行以供检查 ${percent}%` : '服务器正在检查全部行……'),
  },
  'import.too-large': {
    en: ({ size }: { size: string }) => `Files above ${size} are checked when they are imported.`,
    zh: ({ size }) => `超过 ${size} 的文件在导入时检查。`,
  },
  'import.all-valid': {
    en: ({ total }: { total: number }) =>
      total === 1
        ? 'The whole file is checked: 1 row is valid. The import checks the image itself.'
        : `The whole file is checked: the rows of all ${total} images are valid. The import checks the images themselves.`,
    zh: ({ total }) => `已检查整个文件：${total} 张图片的行都没问题。图片本身在导入时才检查。`,
  },
  'import.faults': {
    en: ({ invalid, total }: { invalid: number; total: number }) =>
      `The whole file is checked: ${invalid} of ${total} images ${invalid === 1 ? 'is invalid and becomes a failed one' : 'are invalid and become failed ones'}; the others are imported. The import checks the images themselves.`,
    zh: ({ invalid, total }) =>
      `已检查整个文件：${total} 张图片中有 ${invalid} 张有误，会记为失败；其余会导入，图片本身在导入时才检查。`,
  },
  'import.all-faults': {
    en: ({ count, invalid }: { count: number; invalid: number }) =>
      count < invalid ? `The first ${count} faults` : 'Faults',
    zh: ({ count, invalid }) => (count < invalid ? `前 ${count} 条错误` : '错误'),
  },
  'import.more-rows': {
    en: ({ count }: { count: number }) => `${count} more`,
    zh: ({ count }) => `另外 ${count} 条`,
  },
  'import.warnings': { en: 'Valid, but look at these rows', zh: '有效但请核对' },
  'import.reuse': { en: 'Reuse unchanged images', zh: '原图未变的沿用已有图片' },
  'import.reuse-help': {
    en: 'A row whose image is published already, and has not changed since, becomes that image: it is neither processed nor stored again.',
    zh: '某一行的图片已经发布、此后原图未变时，该行就直接使用那张图片，不再处理和存储。',
  },
  'import.send': { en: 'Import', zh: '导入' },
  'import.sending': {
    en: ({ percent }: { percent: number }) => `Sending, ${percent} %`,
    zh: ({ percent }) => `正在发送 ${percent}%`,
  },
  'import.staging': { en: 'The server reads the file …', zh: '服务器正在读取文件……' },
});
