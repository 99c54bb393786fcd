import type { Program } from '@pixdock/contract/command-line/program';

/** The command line of `pixdock`. */
export const pixdock = {
  name: 'pixdock',
  related: {
    'pixdock-ops': [
      'backup',
      'conformance',
      'doctor',
      'keys',
      'pause',
      'reconcile',
      'recover',
      'restore',
      'resume',
    ],
  },
  alone: { '-v, --version': { en: 'Display version number', zh: '显示版本号' } },
  options: {
    '--url <url>': {
      en: 'The server (PIXDOCK_URL; http://127.0.0.1:3000)',
      zh: '服务地址（PIXDOCK_URL；http://127.0.0.1:3000）',
    },
    '--key <key>': { en: 'The API key (PIXDOCK_API_KEY)', zh: 'API 密钥（PIXDOCK_API_KEY）' },
    '--json': { en: 'Print results as NDJSON to stdout', zh: '以 NDJSON 将结果输出到 stdout' },
  },
  commands: {
    'upload [...files]': {
      en: 'Upload images, or import one URL; prints the URL and file of each',
      zh: '上传图片，或导入一个网址；逐一打印 URL 和文件名',
      options: {
        '--profile <name>': { en: 'The profile', zh: '使用的处理方案（profile）' },
        '--external-id <id>': {
          en: 'Your own id of the file (one file only)',
          zh: '文件的外部编号（仅限一个文件）',
        },
        '--delete-after <time>': {
          en: 'Delete the images after this time, such as 6h or 7d, unless you keep them',
          zh: '过了这段时间（例如 6h 或 7d）就删除图片，除非已设为保留',
        },
        '--replace': {
          en: 'Delete older images with the same externalId once the new ones are published',
          zh: '新图片发布之后，删除使用同一外部编号的旧图片',
        },
        '--metadata <key=value>': {
          en: 'Metadata of every file; may be repeated',
          zh: '附加到每个文件的元数据，可重复使用',
        },
      },
      examples: [
        'pixdock upload *.jpg > urls.tsv',
        'pixdock upload front.jpg --external-id sku-1 --metadata color=red --metadata season=2027',
      ],
    },
    'import [source]': {
      en: 'Import a .xlsx, .csv, .ndjson, .json or .zip file, a folder, or a URL',
      zh: '导入 .xlsx、.csv、.ndjson、.json 或 .zip 文件、文件夹，或一个链接',
      options: {
        '--name <name>': {
          en: 'Name of the batch (that of the file)',
          zh: '批次名称（默认为文件名）',
        },
        '--profile <name>': { en: 'The profile', zh: '使用的处理方案（profile）' },
        '--columns <pairs>': {
          en: 'Sheets: map headers to fields, HEADER:field,… (guessed if no header is url)',
          zh: '表格：表头与字段的对应，表头:字段,…（没有 url 列时自动推断）',
        },
        '--sheet <name>': {
          en: 'Excel workbook: the sheet (default: the first that is visible)',
          zh: 'Excel 工作簿：工作表名称（默认为第一张可见的工作表）',
        },
        '--reuse': {
          en: 'Reuse the existing images of rows whose source is unchanged (default for a report)',
          zh: '原图未变的行沿用已有的图片（导入报告时默认如此）',
        },
        '--no-reuse': {
          en: 'Process every row of a report again',
          zh: '导入报告时，每一行都重新处理',
        },
        '--delete-after <time>': {
          en: 'Delete the images after this time, such as 6h or 7d, unless you keep them',
          zh: '过了这段时间（例如 6h 或 7d）就删除图片，除非已设为保留',
        },
        '--replace': {
          en: 'Delete older images with the same externalId once the new ones are published',
          zh: '新图片发布之后，删除使用同一外部编号的旧图片',
        },
        '--dry-run': {
          en: 'Only check the rows, or list the files of a folder that would be sent',
          zh: '只检查各行，或只列出文件夹中将要发送的文件，不导入',
        },
        '--no-watch': {
          en: 'Submit and return without waiting for the images',
          zh: '提交后立即返回，不等待图片处理',
        },
        '--report <file>': {
          en: 'Save the result of each row or file at the end (.csv or .ndjson; .xlsx for an Excel workbook)',
          zh: '结束时保存每一行或每个文件的结果（.csv 或 .ndjson；Excel 工作簿可用 .xlsx）',
        },
        '--again': {
          en: 'Folder: ignore earlier imports from here',
          zh: '文件夹：忽略之前的导入记录，全部重新导入',
        },
      },
      examples: [
        {
          en: 'pixdock import products.csv --columns "Picture:url,SKU:externalId" --report result.csv',
          zh: 'pixdock import products.csv --columns "图片:url,货号:externalId" --report result.csv',
        },
        {
          en: 'pixdock import ./photos      # run it again after Ctrl-C to continue',
          zh: 'pixdock import ./photos      # Ctrl-C 之后，再次执行同一命令即可继续',
        },
      ],
    },
    list: {
      en: 'List images, newest first',
      zh: '列出图片，最新的在前',
      options: {
        '--status <status>': { en: 'Only with this status', zh: '只列出此状态' },
        '--held': {
          en: 'Only images that wait for a decision by a person, the longest held first',
          zh: '只列出等待人工审核的图片，等待最久的在前',
        },
        '--external-id <id>': { en: 'Only with this externalId', zh: '只列出此外部编号' },
        '--external-id-prefix <text>': {
          en: 'Only with an externalId that begins so, in its order',
          zh: '只列出外部编号以此开头的图片，按编号排序',
        },
        '--filename-prefix <text>': {
          en: 'Only with a file name that begins so, in its order',
          zh: '只列出文件名以此开头的图片，按文件名排序',
        },
        '--metadata <key=value>': {
          en: 'Only with this value, for keys in METADATA_INDEX of the server; can be repeated',
          zh: '只列出带有此值的图片，键须在服务器的 METADATA_INDEX 中；可重复',
        },
        '--batch <id>': { en: 'Only of this batch', zh: '只列出此批次' },
        '--code <code>': {
          en: 'Only failed or canceled with this error code',
          zh: '只列出以此错误码失败或取消的图片',
        },
        '--since <time>': {
          en: 'Only created since a time or for a duration, such as 2027-01-31T08:00:00Z or 6h',
          zh: '只列出某时刻之后或最近一段时间内创建的图片，例如 2027-01-31T08:00:00Z 或 6h',
        },
        '--until <time>': { en: 'Only created before a time', zh: '只列出某时刻之前创建的图片' },
        '--limit <number>': { en: 'At most so many (20)', zh: '最多列出多少张（20）' },
      },
      examples: ['pixdock list --status failed --limit 100', 'pixdock list --external-id-prefix 2027-'],
    },
    batches: {
      en: 'List batches, newest first',
      zh: '列出批次，最新的在前',
      options: {
        '--name <text>': { en: 'Only with this text in the name', zh: '只列出名称含此文字的批次' },
        '--limit <number>': { en: 'At most so many (20)', zh: '最多列出多少个（20）' },
      },
      examples: ['pixdock batches --name spring'],
    },
    'status <id>': {
      en: 'Show the status of an image or a batch',
      zh: '查看一张图片或一个批次的状态',
      options: {
        '--watch': { en: 'Follow it to its end', zh: '跟踪至结束' },
      },
      examples: ['pixdock status bat_5f0c… --watch'],
    },
    listen: {
      en: 'Print each change of your images and batches, until Ctrl-C',
      zh: '逐行打印图片和批次的每次变化，直到 Ctrl-C',
      options: {
        '--forward-to <url>': {
          en: 'Post each event to this URL, signed like a webhook',
          zh: '把每个事件像 webhook 一样签名后 POST 到此地址',
        },
        '--secret <secret>': {
          en: 'With --forward-to: sign with the secret of your endpoint',
          zh: '与 --forward-to 一起使用：用您的端点密钥签名',
        },
        '--items': {
          en: 'With --forward-to: the items of batches send events, too',
          zh: '与 --forward-to 一起使用：批次的条目也发送事件',
        },
      },
      examples: ['pixdock listen', 'pixdock listen --forward-to localhost:8080/hook'],
    },
    failures: {
      en: 'List failed images by error code, host and day, or retry them',
      zh: '按错误码、主机和日期列出失败的图片，或重试这些图片',
      options: {
        '--code <code>': { en: 'Only with this error code', zh: '只包括此错误码' },
        '--host <host>': { en: 'Only from this host', zh: '只包括来自此主机的图片' },
        '--since <time>': {
          en: 'Only since a time or for a duration, such as 2027-01-31T08:00:00Z or 6h',
          zh: '只包括某时刻之后或最近一段时间内的失败，例如 2027-01-31T08:00:00Z 或 6h',
        },
        '--until <time>': { en: 'Only before a time', zh: '只包括某时刻之前的失败' },
        '--retry': { en: 'Retry them instead', zh: '改为重试这些图片' },
      },
      examples: [
        'pixdock failures --since 1d',
        'pixdock failures --code source_timeout --host img.example.com --retry',
      ],
    },
    'webhooks [action] [argument]': {
      en: 'Manage webhooks: list, add URL, test|rotate|delete ID, deliveries, resend ID, recover TIME',
      zh: '管理 webhook：list、add URL、test|rotate|delete ID、deliveries、resend ID、recover 时间',
      options: {
        '--events <types>': {
          en: 'add: the events, separated by commas (all)',
          zh: 'add：接收的事件，以逗号分隔（默认全部）',
        },
        '--items': { en: 'add: the items of batches send events, too', zh: 'add：批次的条目也发送事件' },
        '--status <status>': {
          en: 'deliveries: only pending, delivered or failed ones',
          zh: 'deliveries：只列出 pending、delivered 或 failed',
        },
      },
      examples: [
        'pixdock webhooks add https://shop.example.com/hook --events image.published,image.failed',
        'pixdock webhooks deliveries --status failed',
        'pixdock webhooks recover 2026-01-05T08:00:00Z',
      ],
    },
    'retry <id>': {
      en: 'Retry a failed image, or the failed images of a batch',
      zh: '重试一张失败的图片，或批次中失败的图片',
      options: {
        '--code <code>': { en: 'Batch: only failures with this code', zh: '批次：只重试此错误码的图片' },
      },
      examples: ['pixdock retry bat_5f0c… --code source_timeout'],
    },
    'rename <id> <name>': {
      en: 'Give a batch another name',
      zh: '修改批次名称',
      examples: [
        { en: 'pixdock rename bat_5f0c… "Spring 2027"', zh: 'pixdock rename bat_5f0c… "2027 春季新品"' },
      ],
    },
    'approve <id> [...ids]': {
      en: 'Approve images that wait for a review; list --held shows them',
      zh: '批准等待审核的图片；用 list --held 查看',
      examples: ['pixdock approve img_5f0c…'],
    },
    'reject <id> [...ids]': {
      en: 'Reject images that wait for a review',
      zh: '拒绝等待审核的图片',
      examples: ['pixdock reject img_5f0c…'],
    },
    'cancel <id>': {
      en: 'Cancel the images of a batch that are not final',
      zh: '取消批次中尚未结束的图片',
      examples: ['pixdock cancel bat_5f0c…'],
    },
    'keep <id> [...ids]': {
      en: 'Keep images that were uploaded with --delete-after',
      zh: '保留用 --delete-after 上传的图片',
      examples: ['pixdock keep img_5f0c…'],
    },
    'sign <id>': {
      en: 'Print a signed URL of a private image',
      zh: '输出私有图片的签名链接',
      options: {
        '--variant <name>': { en: 'The variant, instead of main', zh: '使用此变体，而非 main' },
        '--expires <time>': {
          en: 'Lifetime of the URL, such as 5min; 10min by default, at most 7d',
          zh: '链接的有效期，例如 5min；默认 10min，最长 7d',
        },
      },
      examples: ['pixdock sign img_5f0c… --variant thumb --expires 5min'],
    },
    'delete [id]': {
      en: 'Delete an image, or all images of a batch, and their objects',
      zh: '删除一张图片，或批次的全部图片及其对象',
      options: {
        '--external-id <id>': {
          en: 'Delete all images with this externalId instead, in all batches',
          zh: '改为删除所有使用此 externalId 的图片，包括各批次中的图片',
        },
      },
      examples: ['pixdock delete img_5f0c…', 'pixdock delete --external-id customer-7'],
    },
    'report <id>': {
      en: 'Print the result of each row of a batch',
      zh: '输出批次中每一行的结果',
      options: {
        '--csv': { en: 'As CSV (default)', zh: 'CSV 格式（默认）' },
        '--ndjson': { en: 'As NDJSON', zh: 'NDJSON 格式' },
        '--status <status>': { en: 'Only with this status', zh: '只列出此状态' },
        '--code <code>': { en: 'Only failed with this error code', zh: '只列出以此错误码失败的行' },
        '--failed': {
          en: 'Your rows that failed with reason and fix, to correct and import again (with -o FILE.csv, or FILE.xlsx for a workbook)',
          zh: '失败的原始行及原因、处理方法，改好后可再次导入（需 -o 文件.csv，工作簿为 -o 文件.xlsx）',
        },
        '-o, --output <file>': {
          en: 'Write to a file instead of stdout; to FILE.xlsx, the Excel workbook that was imported, with the results in it',
          zh: '写入文件，而非 stdout；写入 文件.xlsx 时，得到导入的 Excel 工作簿，其中带有每一行的结果',
        },
      },
      examples: ['pixdock report bat_5f0c… -o result.csv', 'pixdock report bat_5f0c… --failed -o failed.csv'],
    },
    'config [...args]': {
      en: 'Show or set the server and the key: config show, config set url|key VALUE',
      zh: '查看或设置服务地址和密钥：config show、config set url|key VALUE',
      examples: ['pixdock config set url https://img.example.com', 'pixdock config set key KEY'],
    },
  },
} satisfies Program;
