import type { CAC } from 'cac';
import { cancel, remove, report, retry, status } from './commands/by-id.js';
import { config } from './commands/config.js';
import { importSource } from './commands/import.js';
import { upload } from './commands/upload.js';
import type { Shell } from './shell.js';

/** Every command with its options, its help and an example. */
export function defineCommands(cli: CAC, shell: () => Shell): void {
  cli.option('--url <url>', 'The server (PIXDOCK_URL; http://127.0.0.1:3000)');
  cli.option('--key <key>', 'The API key (PIXDOCK_API_KEY)');
  cli.option('--json', 'Results as NDJSON on stdout');
  cli.help((sections) => sections.filter(({ title }) => title?.startsWith('For more info') !== true));

  cli
    .command('upload [...files]', 'Upload images; prints URL and file of each')
    .option('--profile <name>', 'The recipe')
    .example('  $ pixdock upload *.jpg > urls.tsv')
    .action((files: string[]) => upload(shell(), files));

  cli
    .command('import [source]', 'Import a .csv, .ndjson, .json or .zip file, a folder, or an address')
    .option('--profile <name>', 'The recipe')
    .option('--columns <pairs>', 'CSV: which header is which field, HEADER:field,…')
    .option('--dry-run', 'Only check the rows')
    .option('--no-watch', 'Submit and return; do not wait for the images')
    .option('--report <file>', 'At the end, save what became of each row (.csv or .ndjson)')
    .option('--again', 'Folder: do not rely on what was sent from here before')
    .example('  $ pixdock import products.csv --columns "Picture:url,SKU:externalId" --report result.csv')
    .example('  $ pixdock import ./photos      # Ctrl-C and the same command again go on')
    .action((source?: string) => importSource(shell(), source));

  cli
    .command('status <id>', 'Tell how an image or a batch is')
    .option('--watch', 'Follow it to its end')
    .example('  $ pixdock status bat_5f0c… --watch')
    .action((id: string) => status(shell(), id));

  cli
    .command('retry <id>', 'Try a failed image, or the failed of a batch, again')
    .option('--code <code>', 'Batch: only those that failed with this code')
    .example('  $ pixdock retry bat_5f0c… --code source_timeout')
    .action((id: string) => retry(shell(), id));

  cli
    .command('cancel <id>', 'Cancel what is not final of a batch')
    .example('  $ pixdock cancel bat_5f0c…')
    .action((id: string) => cancel(shell(), id));

  cli
    .command('delete <id>', 'Delete an image, or all images of a batch, and their objects')
    .example('  $ pixdock delete img_5f0c…')
    .action((id: string) => remove(shell(), id));

  cli
    .command('report <id>', 'What became of each row of a batch')
    .option('--csv', 'As CSV (default)')
    .option('--ndjson', 'As NDJSON')
    .option('-o, --output <file>', 'Into a file, instead of stdout')
    .example('  $ pixdock report bat_5f0c… -o result.csv')
    .action((id: string) => report(shell(), id));

  cli
    .command('config [...args]', 'Show or set the server and the key: config show, config set url|key VALUE')
    .example('  $ pixdock config set url https://img.example.com')
    .example('  $ pixdock config set key KEY')
    .action((args: string[]) => config(shell(), args));
}
