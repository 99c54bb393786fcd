import type { CAC } from 'cac';
import type { Say } from '../messages/cli.js';
import { cancel, remove, report, retry, status } from './commands/by-id.js';
import { config } from './commands/config.js';
import { failures } from './commands/failures.js';
import { importSource } from './commands/import.js';
import { list } from './commands/list.js';
import { listen } from './commands/listen.js';
import { upload } from './commands/upload.js';
import { webhooks } from './commands/webhooks.js';
import type { Shell } from './shell.js';

/** Defines every command with its options and an example. */
export function defineCommands(cli: CAC, shell: () => Shell, say: Say): void {
  cli.option('--url <url>', say('help.url'));
  cli.option('--key <key>', say('help.key'));
  cli.option('--json', say('help.json'));

  cli
    .command('upload [...files]', say('help.upload'))
    .option('--profile <name>', say('help.profile'))
    .option('--external-id <id>', say('help.external-id'))
    .option('--metadata <key=value>', say('help.metadata'))
    .example('  $ pixdock upload *.jpg > urls.tsv')
    .example('  $ pixdock upload front.jpg --external-id sku-1 --metadata color=red --metadata season=2027')
    .action((files: string[]) => upload(shell(), files));

  cli
    .command('import [source]', say('help.import'))
    .option('--profile <name>', say('help.profile'))
    .option('--columns <pairs>', say('help.columns'))
    .option('--dry-run', say('help.dry-run'))
    .option('--no-watch', say('help.no-watch'))
    .option('--report <file>', say('help.report'))
    .option('--again', say('help.again'))
    .example('  $ pixdock import products.csv --columns "Picture:url,SKU:externalId" --report result.csv')
    .example(`  $ pixdock import ./photos      # ${say('help.resume')}`)
    .action((source?: string) => importSource(shell(), source));

  cli
    .command('list', say('help.list'))
    .option('--status <status>', say('help.list-status'))
    .option('--external-id <id>', say('help.list-external-id'))
    .option('--batch <id>', say('help.list-batch'))
    .option('--code <code>', say('help.list-code'))
    .option('--since <time>', say('help.list-since'))
    .option('--until <time>', say('help.list-until'))
    .option('--limit <number>', say('help.limit'))
    .example('  $ pixdock list --status failed --limit 100')
    .action(() => list(shell()));

  cli
    .command('status <id>', say('help.status'))
    .option('--watch', say('help.watch'))
    .example('  $ pixdock status bat_5f0c… --watch')
    .action((id: string) => status(shell(), id));

  cli
    .command('listen', say('help.listen'))
    .option('--forward-to <url>', say('help.forward-to'))
    .option('--secret <secret>', say('help.secret'))
    .option('--items', say('help.items'))
    .example('  $ pixdock listen')
    .example('  $ pixdock listen --forward-to localhost:8080/hook')
    .action(() => listen(shell()));

  cli
    .command('failures', say('help.failures'))
    .option('--code <code>', say('help.failures-code'))
    .option('--host <host>', say('help.failures-host'))
    .option('--since <time>', say('help.failures-since'))
    .option('--until <time>', say('help.failures-until'))
    .option('--retry', say('help.failures-retry'))
    .example('  $ pixdock failures --since 1d')
    .example('  $ pixdock failures --code source_timeout --host img.example.com --retry')
    .action(() => failures(shell()));

  cli
    .command('webhooks [action] [argument]', say('help.webhooks'))
    .option('--events <types>', say('help.events'))
    .option('--items', say('help.endpoint-items'))
    .option('--status <status>', say('help.delivery-status'))
    .example('  $ pixdock webhooks add https://shop.example.com/hook --events image.published,image.failed')
    .example('  $ pixdock webhooks deliveries --status failed')
    .example('  $ pixdock webhooks recover 2026-01-05T08:00:00Z')
    .action((action?: string, argument?: string) => webhooks(shell(), action, argument));

  cli
    .command('retry <id>', say('help.retry'))
    .option('--code <code>', say('help.code'))
    .example('  $ pixdock retry bat_5f0c… --code source_timeout')
    .action((id: string) => retry(shell(), id));

  cli
    .command('cancel <id>', say('help.cancel'))
    .example('  $ pixdock cancel bat_5f0c…')
    .action((id: string) => cancel(shell(), id));

  cli
    .command('delete [id]', say('help.delete'))
    .option('--external-id <id>', say('help.delete-external-id'))
    .example('  $ pixdock delete img_5f0c…')
    .example('  $ pixdock delete --external-id customer-7')
    .action((id?: string) => remove(shell(), id));

  cli
    .command('report <id>', say('help.report-command'))
    .option('--csv', say('help.csv'))
    .option('--ndjson', say('help.ndjson'))
    .option('-o, --output <file>', say('help.output'))
    .example('  $ pixdock report bat_5f0c… -o result.csv')
    .action((id: string) => report(shell(), id));

  cli
    .command('config [...args]', say('help.config'))
    .example('  $ pixdock config set url https://img.example.com')
    .example('  $ pixdock config set key KEY')
    .action((args: string[]) => config(shell(), args));
}
