import { catalog } from '@pixdock/contract/messages/catalog';

/** Arguments and settings that a command cannot use. */
export const misuse = catalog({
  'no-files': { en: 'Which files? pixdock upload photo.jpg', zh: '要上传哪些文件？pixdock upload photo.jpg' },
  'external-id-one-file': {
    en: '--external-id names one file: leave it out for several files. pixdock import FOLDER uses the path of each file.',
    zh: '--external-id 只能用于一个文件：上传多个文件时请去掉。pixdock import 文件夹 会使用各文件的路径。',
  },
  'url-among-files': {
    en: ({ url }: { url: string }) =>
      `${url} is a URL. Give it alone: pixdock upload ${url}. For many URLs, write a CSV file with a column \`url\`: pixdock import urls.csv`,
    zh: ({ url }) =>
      `${url} 是网址，请单独给出：pixdock upload ${url}。网址很多时，请写成带 url 列的 CSV 文件：pixdock import urls.csv`,
  },
  'reuse-twice': {
    en: '--reuse and --no-reuse contradict each other. Give one of them.',
    zh: '--reuse 与 --no-reuse 相互矛盾，请只用其中一个。',
  },
  'invalid-metadata': {
    en: ({ text }: { text: string }) =>
      `--metadata: "${text}" is not KEY=VALUE. For example: --metadata color=red`,
    zh: ({ text }) => `--metadata：“${text}”不是 KEY=VALUE 形式。例如：--metadata color=red`,
  },
  'replace-without-id': {
    en: '--replace deletes older images with the same externalId: give it with --external-id.',
    zh: '--replace 会删除使用同一外部编号的旧图片：请同时用 --external-id 给出编号。',
  },
  'invalid-duration': {
    en: ({ option, text }: { option: string; text: string }) =>
      `--${option}: "${text}" is not a duration such as 90s, 6h or 7d.`,
    zh: ({ option, text }) => `--${option}：“${text}”不是时长，请写成 90s、6h 或 7d 的形式。`,
  },
  'webhooks-usage': {
    en: 'pixdock webhooks [list]\npixdock webhooks add URL [--events TYPE,…] [--items]\npixdock webhooks test|rotate|delete whe_…\npixdock webhooks deliveries [--status failed]\npixdock webhooks resend msg_…\npixdock webhooks recover 2026-01-05T08:00:00Z',
    zh: 'pixdock webhooks [list]\npixdock webhooks add URL [--events 类型,…] [--items]\npixdock webhooks test|rotate|delete whe_…\npixdock webhooks deliveries [--status failed]\npixdock webhooks resend msg_…\npixdock webhooks recover 2026-01-05T08:00:00Z',
  },
  'invalid-events': {
    en: ({ text, known }: { text: string; known: readonly string[] }) =>
      `--events: "${text}" is not a list of events. Use some of: ${known.join(', ')}.`,
    zh: ({ text, known }) => `--events：“${text}”不是事件列表。可选：${known.join('、')}。`,
  },
  'invalid-time': {
    en: ({ text }: { text: string }) => `"${text}" is not a time such as 2026-01-05T08:00:00Z.`,
    zh: ({ text }) => `“${text}”不是时间，请写成 2026-01-05T08:00:00Z 这样。`,
  },
  'invalid-forward-to': {
    en: ({ url }: { url: string }) => `--forward-to: "${url}" is not an http(s) URL.`,
    zh: ({ url }) => `--forward-to：“${url}”不是 http(s) 地址。`,
  },
  'invalid-secret': {
    en: '--secret: the secret of an endpoint begins with whsec_.',
    zh: '--secret：端点的密钥以 whsec_ 开头。',
  },
  'option-needs-forward-to': {
    en: ({ option }: { option: string }) => `${option} has no effect without --forward-to.`,
    zh: ({ option }) => `${option} 需与 --forward-to 一起使用。`,
  },
  'invalid-limit': {
    en: ({ limit }: { limit: string }) => `--limit: "${limit}" is not a whole number from 1 to 999999.`,
    zh: ({ limit }) => `--limit：“${limit}”不是 1 至 999999 的整数。`,
  },
  'invalid-status': {
    en: ({ status, known }: { status: string; known: readonly string[] }) =>
      `--status: "${status}" is not a status. Use one of: ${known.join(', ')}.`,
    zh: ({ status, known }) => `--status：“${status}”不是有效的状态。可选：${known.join('、')}。`,
  },
  'invalid-code': {
    en: ({ code }: { code: string }) =>
      `--code: "${code}" is not an error code. pixdock failures lists the codes of your failures.`,
    zh: ({ code }) => `--code：“${code}”不是有效的错误码。pixdock failures 会列出失败图片的错误码。`,
  },
  'invalid-point-in-time': {
    en: ({ option, text }: { option: string; text: string }) =>
      `--${option}: "${text}" is neither a time such as 2027-01-31T08:00:00Z nor a duration such as 30min, 6h or 2d.`,
    zh: ({ option, text }) =>
      `--${option}：“${text}”既不是时刻（如 2027-01-31T08:00:00Z），也不是时长（如 30min、6h、2d）。`,
  },
  'no-source': { en: 'Import what? pixdock import rows.csv', zh: '要导入什么？pixdock import rows.csv' },
  'file-failure': {
    en: ({ file, reason }: { file: string; reason: string }) => `${file}: ${reason}`,
    zh: ({ file, reason }) => `${file}：${reason}`,
  },
  'source-unsupported': {
    en: ({ source }: { source: string }) =>
      `${source}: import accepts .xlsx, .csv, .ndjson, .json and .zip files, a folder, or an http(s) URL. For an image: pixdock upload`,
    zh: ({ source }) =>
      `${source}：import 支持 .xlsx、.csv、.ndjson、.json、.zip 文件、文件夹或 http(s) 链接。单张图片请用 pixdock upload`,
  },
  'option-without-effect': {
    en: ({ option }: { option: string }) => `${option} has no effect on this kind of source.`,
    zh: ({ option }) => `${option} 不适用于此来源。`,
  },
  'option-in-dry-run': {
    en: ({ option }: { option: string }) =>
      `${option} has no effect with --dry-run, which imports nothing: leave one of them out.`,
    zh: ({ option }) => `--dry-run 不导入任何内容，${option} 不起作用：请去掉其中一个。`,
  },
  'report-without-watch': {
    en: 'The report is written at the end of the batch, but --no-watch does not wait for it. Leave one of them out, or run later: pixdock report bat_… -o result.csv',
    zh: '--report 在批次结束时写出，而 --no-watch 不等待结束。请去掉其中一个；之后可用：pixdock report bat_… -o result.csv',
  },
  'invalid-column': {
    en: ({ pair }: { pair: string }) =>
      `--columns: "${pair}" is not HEADER:field. For example: --columns "Picture:url,SKU:externalId"`,
    zh: ({ pair }) => `--columns：“${pair}”应写成“表头:字段”。例如：--columns "图片:url,货号:externalId"`,
  },
  'duplicate-column': {
    en: ({ header }: { header: string }) => `--columns contains "${header}" twice.`,
    zh: ({ header }) => `--columns 中“${header}”出现了两次。`,
  },
  'option-beside-failed': {
    en: ({ option }: { option: string }) => `${option} has no effect with --failed.`,
    zh: ({ option }) => `与 --failed 同用时，${option} 不起作用。`,
  },
  'failed-without-output': {
    en: ({ id }: { id: string }) =>
      `The failed rows are in the encoding of your sheet. Name a file: pixdock report ${id} --failed -o failed.csv`,
    zh: ({ id }) => `失败行使用原表格的编码，请指定文件：pixdock report ${id} --failed -o failed.csv`,
  },
  'status-and-code': {
    en: 'Select by --status or by --code, not by both.',
    zh: '--status 与 --code 只能选一个。',
  },
  'report-extension': {
    en: ({ file }: { file: string }) =>
      `${file}: the report must be a .csv or .ndjson file, or a .xlsx file for the rows of an Excel workbook.`,
    zh: ({ file }) => `${file}：报告文件应为 .csv 或 .ndjson；从 Excel 工作簿导入时也可以是 .xlsx。`,
  },
  'report-not-writable': {
    en: ({ file, reason }: { file: string; reason: string }) =>
      `The report cannot be written to ${file}: ${reason}`,
    zh: ({ file, reason }) => `无法将报告写入 ${file}：${reason}`,
  },
  'report-is-folder': { en: 'This is a folder.', zh: '这是文件夹。' },
  'no-such-folder': { en: 'Its folder does not exist.', zh: '所在文件夹不存在。' },
  'report-format-conflict': {
    en: 'A report is either CSV or NDJSON: leave out --csv, or --ndjson and --json.',
    zh: '报告只能是 CSV 或 NDJSON 之一：请去掉 --csv，或去掉 --ndjson 和 --json。',
  },
  'no-csv-rows': {
    en: ({ file }: { file: string }) =>
      `${file} has no rows. Write a header line and one line per image, for example:\n  url,externalId\n  https://example.com/photo.jpg,sku-1`,
    zh: ({ file }) =>
      `${file} 没有数据行。请写一行表头，然后每张图片一行，例如：\n  url,externalId\n  https://example.com/photo.jpg,sku-1`,
  },
  'no-ndjson-rows': {
    en: ({ file }: { file: string }) =>
      `${file} has no rows. Write one JSON object per line, for example:\n  {"url":"https://example.com/photo.jpg"}`,
    zh: ({ file }) =>
      `${file} 没有数据行。请每行写一个 JSON 对象，例如：\n  {"url":"https://example.com/photo.jpg"}`,
  },
  'invalid-id': {
    en: ({ id }: { id: string }) => `"${id}" is not an id: image ids begin with img_, batch ids with bat_`,
    zh: ({ id }) => `“${id}”不是有效的 id：图片的 id 以 img_ 开头，批次的以 bat_ 开头`,
  },
  'delete-what': {
    en: 'Name an image (img_…), a batch (bat_…) or, with --external-id, your own id of images.',
    zh: '请指定一张图片（img_…）、一个批次（bat_…），或用 --external-id 指定您自己的图片 ID。',
  },
  'batch-only': { en: 'This command is for batches (bat_…).', zh: '此命令仅用于批次（bat_…）。' },
  'image-only': { en: 'This command is for images (img_…).', zh: '此命令仅用于图片（img_…）。' },
  'code-needs-batch': {
    en: '--code selects failures of a batch (bat_…); leave it out for an image.',
    zh: '--code 用于筛选批次（bat_…）中失败的图片；单张图片请去掉此选项。',
  },

  'config-usage': {
    en: '`config` takes one of these forms:\npixdock config show\npixdock config set url http://127.0.0.1:3000\npixdock config set key KEY',
    zh: 'config 只有以下用法：\npixdock config show\npixdock config set url http://127.0.0.1:3000\npixdock config set key KEY',
  },
  'config-not-json': {
    en: ({ path }: { path: string }) => `${path} is not JSON: correct or remove it.`,
    zh: ({ path }) => `${path} 不是 JSON；请修正或删除此文件。`,
  },
  'invalid-address': {
    en: ({ address, from }: { address: string; from?: string }) =>
      `"${address}"${from === undefined ? '' : ` (${from})`} is not an http(s) URL.${lacksScheme(address) ? ` Put http:// or https:// in front: http://${address}` : ''}`,
    zh: ({ address, from }) =>
      `“${address}”${from === undefined ? '' : `（${from}）`}不是 http(s) 地址。${lacksScheme(address) ? `请在前面加上 http:// 或 https://：http://${address}` : ''}`,
  },
  'no-key': {
    en: 'No API key. Set it with --key KEY, PIXDOCK_API_KEY or: pixdock config set key KEY\n"npm start" prints the key of a server on this machine; for another server, ask its operator, who creates one with "pixdock-ops keys create".',
    zh: '缺少 API 密钥。请使用 --key KEY、环境变量 PIXDOCK_API_KEY，或执行：pixdock config set key KEY\n本机服务的密钥由 npm start 打印；其他服务器请找它的运维，用 pixdock-ops keys create 创建。',
  },
  'from-default': { en: 'default', zh: '默认值' },
  'not-set': { en: 'not set', zh: '未设置' },
  'invalid-key': {
    en: ({ from }: { from?: string }) =>
      `The key${from === undefined ? '' : ` (${from})`} may contain only ASCII letters, digits and signs, without spaces. Copy the whole key again.`,
    zh: ({ from }) =>
      `密钥${from === undefined ? '' : `（${from}）`}只能由英文字母、数字和半角符号组成，不含中文、全角符号或空格。请重新完整复制。`,
  },
});

/** Whether an address becomes a URL with `http://` in front. */
const lacksScheme = (address: string) =>
  address !== '' && !address.includes('://') && URL.canParse(`http://${address}`);
