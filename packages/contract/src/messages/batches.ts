import { catalog } from './catalog.js';
import { size } from './values.js';

const FORM = '{ "items": [ { "url": "https://…" } ] }';

/** Problems of the body of a batch in JSON, and of batches in every format. */
export const batchMessages = catalog({
  'batch-type': {
    en: 'Send application/json { "items": [ … ] }, application/x-ndjson, text/csv, an Excel workbook (.xlsx), application/zip, or multipart/form-data with many files, and name the format in Content-Type. A single image goes to POST /v1/images.',
    zh: '请发送 application/json { "items": [ … ] }、application/x-ndjson、text/csv、Excel 工作簿（.xlsx）、application/zip，或包含多个文件的 multipart/form-data，并在 Content-Type 中注明。单张图片请发送到 POST /v1/images。',
  },
  'batch-empty': { en: 'The batch has no items.', zh: '批次中没有任何条目。' },
  'batch-too-large': {
    en: ({ max }: { max: number }) =>
      `The batch is larger than ${size.en(max)}, the limit of this server. Split it, or raise MAX_BATCH_BYTES on the server.`,
    zh: ({ max }) => `批次超过上限 ${size.zh(max)}。请拆成几个批次，或请运维调高 MAX_BATCH_BYTES。`,
  },
  'batch-too-many-items': {
    en: ({ max }: { max: number }) =>
      `The batch has more than ${max} items, the limit of this server. Split it.`,
    zh: ({ max }) => `批次超过上限 ${max} 个条目。请拆成几个批次。`,
  },
  'batch-too-large-in-staging': {
    en: ({ max }: { max: number }) =>
      `The batch takes more than ${size.en(max)} in staging. Split it, leave columns out, or raise MAX_BATCH_BYTES on the server.`,
    zh: ({ max }) =>
      `批次在暂存区中超过 ${size.zh(max)}。请拆成几个批次、去掉一些列，或请运维调高 MAX_BATCH_BYTES。`,
  },
  'batch-grows-too-much': {
    en: ({ times }: { times: number }) =>
      `The batch takes more than ${times} times its size in staging, because each row repeats the names of its metadata columns. Shorten these names.`,
    zh: ({ times }) =>
      `批次在暂存区中超过自身大小的 ${times} 倍，因为每行都会重复保存 metadata 列的名称。请缩短这些名称。`,
  },
  'too-many-blank-rows': {
    en: ({ max }: { max: number }) =>
      `The file has more than ${max} blank rows, the limit of this server. Remove them.`,
    zh: ({ max }) => `文件中的空行超过上限 ${max} 行。请删除空行。`,
  },
  'reuse-value': {
    en: ({ value }: { value: string }) => `\`reuse\` is neither url, content nor url,content: "${value}"`,
    zh: ({ value }) => `reuse 的值须为 url、content 或 url,content，收到的是：“${value}”`,
  },
  'reuse-twice': {
    en: '`reuse` is in the query and in the body. Give it once.',
    zh: 'reuse 同时出现在查询参数和请求体中，请只写一处。',
  },
  'replace-with-reuse': {
    en: '`replace` and `reuse` exclude each other: a row that reuses an older image would delete it. Leave out one of them.',
    zh: 'replace 与 reuse 不能同时使用：某行沿用旧图片后，又会把它删除。请去掉其中一个。',
  },
  'dry-run-value': { en: '`dryRun` is neither true nor false.', zh: 'dryRun 的值须为 true 或 false。' },

  'url-repeated': {
    en: ({ row, first, url }: { row: number; first: number; url: string }) =>
      `Row ${row} has the URL of row ${first}: ${url}`,
    zh: ({ row, first, url }) => `第 ${row} 行与第 ${first} 行的链接相同：${url}`,
  },
  'external-id-repeated': {
    en: ({ row, first, value }: { row: number; first: number; value: string }) =>
      `Row ${row} has the externalId of row ${first}: "${value}"`,
    zh: ({ row, first, value }) => `第 ${row} 行与第 ${first} 行的外部编号相同：“${value}”`,
  },
  'number-shortened': {
    en: ({ row, value }: { row: number; value: string }) =>
      `Row ${row}: "${value}" looks like a long number that Excel has shortened. Format the column as text and enter the numbers again.`,
    zh: ({ row, value }) =>
      `第 ${row} 行：“${value}”像是被 Excel 改成科学计数法的长数字。请把该列设为文本格式，再重新填写。`,
  },
  'full-width-url': {
    en: ({ row, url }: { row: number; url: string }) =>
      `Row ${row} has full-width punctuation in its URL. It probably means ${url}`,
    zh: ({ row, url }) => `第 ${row} 行的链接含有全角标点，应为 ${url}`,
  },
  'more-such-rows': {
    en: ({ rows }: { code: string; rows: number }) =>
      `${rows} further ${rows === 1 ? 'row' : 'rows'} like these.`,
    zh: ({ rows }) => `另有 ${rows} 行类似。`,
  },

  'items-not-an-object': {
    en: `The body is not a JSON object. Send ${FORM}.`,
    zh: `请求体不是 JSON 对象。请发送 ${FORM}。`,
  },
  'items-missing': {
    en: `The body has no list "items". Send ${FORM}.`,
    zh: `请求体缺少数组 items。请发送 ${FORM}。`,
  },
  'member-twice': {
    en: ({ name }: { name: string }) => `The member "${name}" is given twice.`,
    zh: ({ name }) => `成员 ${name} 出现了两次。`,
  },
  'items-unknown-member': {
    en: ({ name }: { name: string }) =>
      `Unknown member "${name}" beside "items". Send {"items": [{"url": "https://…"}]}, and a profile for all items in the query: ?profile=NAME.`,
    zh: ({ name }) =>
      `items 之外有未知成员“${name}”。请发送 {"items": [{"url": "https://…"}]}；适用于所有条目的 profile 请写在查询参数中：?profile=NAME。`,
  },
  'item-too-deep': {
    en: ({ row, max }: { row: number; max: number }) => `Item ${row} is nested more than ${max} levels deep.`,
    zh: ({ row, max }) => `第 ${row} 个条目嵌套超过 ${max} 层。`,
  },
  'item-too-long': {
    en: ({ row, max }: { row: number; max: number }) =>
      `Item ${row} is longer than ${size.en(max)}, or a quote in it is never closed.`,
    zh: ({ row, max }) => `第 ${row} 个条目超过 ${size.zh(max)}，或其中的引号没有闭合。`,
  },
  'items-malformed': {
    en: ({ row, at }: { row: number; at: number }) =>
      `The body is not valid JSON, or is incomplete, at or after item ${row} (near byte ${at}).`,
    zh: ({ row, at }) => `请求体不是有效的 JSON 或不完整，位置在第 ${row} 个条目或其后（约第 ${at} 字节）。`,
  },

  'archive-unreadable': {
    en: 'The body is not a readable ZIP archive: it is damaged, incomplete, split into parts or of another format. Make it again as one plain ZIP file.',
    zh: '无法读取这个 ZIP：文件损坏、不完整、是分卷，或不是 ZIP 格式。请重新打包成一个普通的 ZIP 文件。',
  },
  'archive-too-many-entries': {
    en: ({ max }: { max: number }) =>
      `The archive has more than ${max} entries (folders included), the limit of this server. Split it.`,
    zh: ({ max }) => `压缩包超过上限 ${max} 个条目（含文件夹）。请拆成几个压缩包。`,
  },
});
