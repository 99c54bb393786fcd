import { WEBHOOK_EVENTS, type WebhookDelivery, type WebhookEndpoint } from '@pixdock/contract/webhook';
import { pause } from '../../http/retry.js';
import { isAddress } from '../../http/transport.js';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { parseTime, statusOf } from '../filters.js';
import { openClient, type Shell } from '../shell.js';

const SHOWN_DELIVERIES = 20;

type Webhooks = Pixdock['webhooks'];
type Action = (shell: Shell, webhooks: Webhooks, argument: string) => Promise<void>;

/** `pixdock webhooks [ACTION] [ARGUMENT]` */
export async function webhooks(shell: Shell, action = 'list', argument?: string): Promise<ExitCode> {
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  const needsArgument = action !== 'list' && action !== 'deliveries';
  if (run === undefined || needsArgument === (argument === undefined))
    throw new UsageError(shell.say('webhooks-usage'));
  const client = await openClient(shell);
  await run(shell, client.webhooks, argument ?? '');
  return EXIT.ok;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  async list(shell, { endpoints }) {
    const all = await endpoints.list({ signal: shell.signal });
    for (const endpoint of all) shell.result(endpoint, endpointLine(shell, endpoint));
    if (all.length === 0) shell.screen.err(shell.say('no-endpoints'));
  },

  async add(shell, { endpoints }, url) {
    if (!isAddress(url)) throw new UsageError(shell.say('invalid-address', { address: url }));
    const created = await endpoints.create({ url, ...wantedOf(shell), signal: shell.signal });
    shell.result(created, `${endpointLine(shell, created)}\n${created.secret}`);
  },

  async test(shell, { endpoints }, id) {
    const webhookId = await endpoints.test(id, { signal: shell.signal });
    shell.result({ id: webhookId }, webhookId);
  },

  async rotate(shell, { endpoints }, id) {
    const rotated = await endpoints.rotate(id, { signal: shell.signal });
    shell.result(rotated, rotated.secret);
  },

  async delete(shell, { endpoints }, id) {
    await endpoints.delete(id, { signal: shell.signal });
  },

  async deliveries(shell, { deliveries }) {
    const status = statusOf(shell, ['pending', 'delivered', 'failed']);
    let shown = 0;
    for await (const delivery of deliveries.list({ status, signal: shell.signal })) {
      shell.result(delivery, deliveryLine(shell, delivery));
      if (++shown === SHOWN_DELIVERIES) break;
    }
    if (shown === 0) shell.screen.err(shell.say('no-deliveries'));
  },

  async resend(shell, { deliveries }, id) {
    const delivery = await deliveries.resend(id, { signal: shell.signal });
    shell.result(delivery, deliveryLine(shell, delivery));
  },

  async recover(shell, client, since) {
    const { signal } = shell;
    const time = parseTime(since);
    if (time === null) throw new UsageError(shell.say('invalid-time', { text: since }));
    let recovery = await client.recover(time, { signal });
    while (recovery.status === 'running') {
      await pause(POLL_MS, signal);
      recovery = await client.getRecovery(recovery.id, { signal });
    }
    shell.result(recovery, shell.say('resent', { count: recovery.resent }));
  },
};

const POLL_MS = 500;

function wantedOf({ commandLine, say }: Shell) {
  const text = commandLine.text('events') ?? WEBHOOK_EVENTS.join(',');
  const names = text.split(',').filter((name) => name !== '');
  const events = WEBHOOK_EVENTS.filter((event) => names.includes(event));
  if (events.length !== names.length)
    throw new UsageError(say('invalid-events', { text, known: WEBHOOK_EVENTS }));
  return { events, items: commandLine.flag('items') };
}

/** Id, URL, events, and `disabled` for an endpoint that responded 410, with tabs between them. */
function endpointLine({ say }: Shell, { id, url, events, disabledAt }: WebhookEndpoint): string {
  return [id, url, events.join(','), disabledAt === null ? '' : say('endpoint-disabled')]
    .join('\t')
    .trimEnd();
}

/** Id, status, attempts with the last response, event, subject and any next attempt, with tabs between them. */
function deliveryLine({ say }: Shell, delivery: WebhookDelivery): string {
  const { id, status, attempts, event, nextAttemptAt: at } = delivery;
  const last = attempts.at(-1);
  const result = last === undefined ? '' : ` ${last.status ?? last.error ?? ''}`;
  const next = status === 'pending' && at !== null ? [say('delivery.next-attempt', { at })] : [];
  const tries = `${attempts.length}${result}`;
  return [id, say(`delivery.${status}`), tries, event.type, event.data.id, ...next].join('\t');
}
