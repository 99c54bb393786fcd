import type { CAC } from 'cac';
import { cancel, remove, report, retry, status } from './commands/by-id.js';
import { config } from './commands/config.js';
import { importSource } from './commands/import.js';
import { upload } from './commands/upload.js';
import type { Translate } from './environment.js';
import type { Shell } from './shell.js';

/** Every command with its options and an example. */
export function defineCommands(cli: CAC, shell: () => Shell, t: Translate): void {
  const server = t(
    'The server (PIXDOCK_URL; http://127.0.0.1:3000)',
    '服务地址（PIXDOCK_URL；http://127.0.0.1:3000）',
  );
  const recipe = t('The recipe', '使用的 profile');
  cli.option('--url <url>', server);
  cli.option('--key <key>', t('The API key (PIXDOCK_API_KEY)', 'API 密钥（PIXDOCK_API_KEY）'));
  cli.option('--json', t('Results as NDJSON on stdout', '以 NDJSON 将结果输出到 stdout'));

  cli
    .command(
      'upload [...files]',
      t('Upload images; prints URL and file of each', '上传图片；逐一打印 URL 和文件名'),
    )
    .option('--profile <name>', recipe)
    .example('  $ pixdock upload *.jpg > urls.tsv')
    .action((files: string[]) => upload(shell(), files));

  cli
    .command(
      'import [source]',
      t(
        'Import a .csv, .ndjson, .json or .zip file, a folder, or an address',
        '导入 .csv、.ndjson、.json 或 .zip 文件、文件夹，或一个地址',
      ),
    )
    .option('--profile <name>', recipe)
    .option(
      '--columns <pairs>',
      t('CSV: which header is which field, HEADER:field,…', 'CSV：表头与字段的对应，HEADER:field,…'),
    )
    .option('--dry-run', t('Only check the rows', '只检查各行，不导入'))
    .option(
      '--no-watch',
      t('Submit and return; do not wait for the images', '提交后立即返回，不等待图片处理'),
    )
    .option(
      '--report <file>',
      t(
        'At the end, save what became of each row (.csv or .ndjson)',
        '结束时保存每一行的结果（.csv 或 .ndjson）',
      ),
    )
    .option(
      '--again',
      t('Folder: do not rely on what was sent from here before', '文件夹：不依赖此前的发送记录'),
    )
    .example('  $ pixdock import products.csv --columns "Picture:url,SKU:externalId" --report result.csv')
    .example(
      `  $ pixdock import ./photos      # ${t('Ctrl-C and the same command again go on', 'Ctrl-C 之后，再次执行同一命令即可继续')}`,
    )
    .action((source?: string) => importSource(shell(), source));

  cli
    .command('status <id>', t('Tell how an image or a batch is', '查看一张图片或一个批次的状态'))
    .option('--watch', t('Follow it to its end', '跟踪至结束'))
    .example('  $ pixdock status bat_5f0c… --watch')
    .action((id: string) => status(shell(), id));

  cli
    .command(
      'retry <id>',
      t('Try a failed image, or the failed of a batch, again', '重试一张失败的图片，或批次中的失败条目'),
    )
    .option('--code <code>', t('Batch: only those that failed with this code', '批次：只重试此错误码的条目'))
    .example('  $ pixdock retry bat_5f0c… --code source_timeout')
    .action((id: string) => retry(shell(), id));

  cli
    .command('cancel <id>', t('Cancel what is not final of a batch', '取消批次中尚未结束的条目'))
    .example('  $ pixdock cancel bat_5f0c…')
    .action((id: string) => cancel(shell(), id));

  cli
    .command(
      'delete <id>',
      t(
        'Delete an image, or all images of a batch, and their objects',
        '删除一张图片，或批次的全部图片及其对象',
      ),
    )
    .example('  $ pixdock delete img_5f0c…')
    .action((id: string) => remove(shell(), id));

  cli
    .command('report <id>', t('What became of each row of a batch', '批次中每一行的结果'))
    .option('--csv', t('As CSV (default)', 'CSV 格式（默认）'))
    .option('--ndjson', t('As NDJSON', 'NDJSON 格式'))
    .option('-o, --output <file>', t('Into a file, instead of stdout', '写入文件，而非 stdout'))
    .example('  $ pixdock report bat_5f0c… -o result.csv')
    .action((id: string) => report(shell(), id));

  cli
    .command(
      'config [...args]',
      t(
        'Show or set the server and the key: config show, config set url|key VALUE',
        '查看或设置服务地址和密钥：config show、config set url|key VALUE',
      ),
    )
    .example('  $ pixdock config set url https://img.example.com')
    .example('  $ pixdock config set key KEY')
    .action((args: string[]) => config(shell(), args));
}
