import { catalog } from '@pixdock/contract/messages/catalog';

/** `pixdock --help`. */
export const help = catalog({
  'help.url': {
    en: 'The server (PIXDOCK_URL; http://127.0.0.1:3000)',
    zh: '服务地址（PIXDOCK_URL；http://127.0.0.1:3000）',
  },
  'help.key': { en: 'The API key (PIXDOCK_API_KEY)', zh: 'API 密钥（PIXDOCK_API_KEY）' },
  'help.json': { en: 'Print results as NDJSON to stdout', zh: '以 NDJSON 将结果输出到 stdout' },
  'help.profile': { en: 'The profile', zh: '使用的处理方案（profile）' },

  'help.external-id': { en: 'Your own id of the file (one file only)', zh: '文件的外部编号（仅限一个文件）' },
  'help.metadata': {
    en: 'Metadata of every file; may be repeated',
    zh: '附加到每个文件的元数据，可重复使用',
  },
  'help.list': { en: 'List images, newest first', zh: '列出图片，最新的在前' },
  'help.list-status': { en: 'Only with this status', zh: '只列出此状态' },
  'help.list-external-id': { en: 'Only with this externalId', zh: '只列出此外部编号' },
  'help.list-batch': { en: 'Only of this batch', zh: '只列出此批次' },
  'help.list-code': {
    en: 'Only failed or canceled with this error code',
    zh: '只列出以此错误码失败或取消的图片',
  },
  'help.list-since': {
    en: 'Only created since a time or for a duration, such as 2027-01-31T08:00:00Z or 6h',
    zh: '只列出某时刻之后或最近一段时间内创建的图片，例如 2027-01-31T08:00:00Z 或 6h',
  },
  'help.list-until': { en: 'Only created before a time', zh: '只列出某时刻之前创建的图片' },
  'help.limit': { en: 'At most so many (20)', zh: '最多列出多少张（20）' },
  'help.upload': {
    en: 'Upload images, or import one URL; prints the URL and file of each',
    zh: '上传图片，或导入一个网址；逐一打印 URL 和文件名',
  },
  'help.import': {
    en: 'Import a .csv, .ndjson, .json or .zip file, a folder, or a URL',
    zh: '导入 .csv、.ndjson、.json 或 .zip 文件、文件夹，或一个链接',
  },
  'help.columns': {
    en: 'CSV: map headers to fields, HEADER:field,… (guessed if no header is url)',
    zh: 'CSV：表头与字段的对应，HEADER:field,…（没有 url 列时自动推断）',
  },
  'help.dry-run': {
    en: 'Only check the rows, or list the files of a folder that would be sent',
    zh: '只检查各行，或只列出文件夹中将要发送的文件，不导入',
  },
  'help.no-watch': {
    en: 'Submit and return without waiting for the images',
    zh: '提交后立即返回，不等待图片处理',
  },
  'help.report': {
    en: 'Save the result of each row or file at the end (.csv or .ndjson)',
    zh: '结束时保存每一行或每个文件的结果（.csv 或 .ndjson）',
  },
  'help.again': {
    en: 'Folder: ignore earlier imports from here',
    zh: '文件夹：忽略之前的导入记录，全部重新导入',
  },
  'help.resume': {
    en: 'run it again after Ctrl-C to continue',
    zh: 'Ctrl-C 之后，再次执行同一命令即可继续',
  },
  'help.status': { en: 'Show the status of an image or a batch', zh: '查看一张图片或一个批次的状态' },
  'help.listen': {
    en: 'Print each change of your images and batches, until Ctrl-C',
    zh: '逐行打印图片和批次的每次变化，直到 Ctrl-C',
  },
  'help.forward-to': {
    en: 'Post each event to this URL, signed like a webhook',
    zh: '把每个事件像 webhook 一样签名后 POST 到此地址',
  },
  'help.secret': {
    en: 'With --forward-to: sign with the secret of your endpoint',
    zh: '与 --forward-to 一起使用：用你的端点密钥签名',
  },
  'help.items': {
    en: 'With --forward-to: the items of batches send events, too',
    zh: '与 --forward-to 一起使用：批次的条目也发送事件',
  },
  'help.webhooks': {
    en: 'Manage webhooks: list, add URL, test|rotate|delete ID, deliveries, resend ID, recover TIME',
    zh: '管理 webhook：list、add URL、test|rotate|delete ID、deliveries、resend ID、recover 时间',
  },
  'help.events': {
    en: 'add: the events, separated by commas (all)',
    zh: 'add：接收的事件，以逗号分隔（默认全部）',
  },
  'help.endpoint-items': {
    en: 'add: the items of batches send events, too',
    zh: 'add：批次的条目也发送事件',
  },
  'help.delivery-status': {
    en: 'deliveries: only pending, delivered or failed ones',
    zh: 'deliveries：只列出 pending、delivered 或 failed',
  },
  'help.watch': { en: 'Follow it to its end', zh: '跟踪至结束' },
  'help.failures': {
    en: 'List failed images by error code, host and day, or retry them',
    zh: '按错误码、主机和日期列出失败的图片，或重试这些图片',
  },
  'help.failures-code': { en: 'Only with this error code', zh: '只包括此错误码' },
  'help.failures-host': { en: 'Only from this host', zh: '只包括来自此主机的图片' },
  'help.failures-since': {
    en: 'Only since a time or for a duration, such as 2027-01-31T08:00:00Z or 6h',
    zh: '只包括某时刻之后或最近一段时间内的失败，例如 2027-01-31T08:00:00Z 或 6h',
  },
  'help.failures-until': { en: 'Only before a time', zh: '只包括某时刻之前的失败' },
  'help.failures-retry': { en: 'Retry them instead', zh: '改为重试这些图片' },
  'help.retry': {
    en: 'Retry a failed image, or the failed images of a batch',
    zh: '重试一张失败的图片，或批次中失败的图片',
  },
  'help.code': { en: 'Batch: only failures with this code', zh: '批次：只重试此错误码的图片' },
  'help.cancel': {
    en: 'Cancel the images of a batch that are not final',
    zh: '取消批次中尚未结束的图片',
  },
  'help.delete': {
    en: 'Delete an image, or all images of a batch, and their objects',
    zh: '删除一张图片，或批次的全部图片及其对象',
  },
  'help.delete-external-id': {
    en: 'Delete all images with this externalId instead, in all batches',
    zh: '改为删除所有使用此 externalId 的图片，包括各批次中的图片',
  },
  'help.report-command': { en: 'Print the result of each row of a batch', zh: '输出批次中每一行的结果' },
  'help.csv': { en: 'As CSV (default)', zh: 'CSV 格式（默认）' },
  'help.ndjson': { en: 'As NDJSON', zh: 'NDJSON 格式' },
  'help.output': { en: 'Write to a file instead of stdout', zh: '写入文件，而非 stdout' },
  'help.config': {
    en: 'Show or set the server and the key: config show, config set url|key VALUE',
    zh: '查看或设置服务地址和密钥：config show、config set url|key VALUE',
  },
});
