import type { WebhookEvent } from '@pixdock/contract/webhook';
import { isAddress } from '../../http/transport.js';
import type { OwnerEvent, Pixdock } from '../../pixdock.js';
import { UsageError } from '../exit.js';
import type { Server, Shell } from '../shell.js';
import { fit } from '../terminal/columns.js';
import { timeOf } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';
import { type Attempt, openForwarder, secretOf, webhookIdOf } from './forwarder.js';
import { openWebhookEvents } from './to-webhook-event.js';

/** As wide as a status. */
const RESPONSE = 10;

/**
 * Forwards what `--forward-to` asks for; null without it.
 * @throws UsageError for an invalid URL or secret, or options without it
 */
export function openForwarding(shell: Shell, { client, key }: Server) {
  const { screen, signal, say, commandLine } = shell;
  const url = urlOf(shell);
  if (url === null) return null;
  const secret = givenSecret(shell) ?? secretOf(key.value ?? '');
  const events = openWebhookEvents(commandLine.flag('items'));
  const forwarder = openForwarder({ url, secret, signal, onAttempt: show });
  let last = new Date().toISOString();

  return {
    announce() {
      screen.err(say('forwarding', { url, secret }));
    },

    async take(event: OwnerEvent): Promise<void> {
      if (event.type === 'gap')
        for (const missed of await readMissed(client, last, signal)) await forward(missed);
      else {
        last = event.data.updatedAt;
        await forward(event);
      }
    },
  };

  async function forward(event: OwnerEvent): Promise<void> {
    const webhook = events.of(event);
    if (webhook !== null) await forwarder.forward(webhook);
  }

  function show(event: WebhookEvent, attempt: Attempt): void {
    const webhookId = webhookIdOf(url ?? '', event);
    const { status, text, latencyMs, againMs } = attempt;
    const isAccepted = status !== null && status >= 200 && status < 300;
    const response = fit(`→ ${status ?? '✗'}`, RESPONSE);
    const result = isAccepted
      ? say('forwarded', { latencyMs })
      : [visible(text), againMs === null ? '' : say('forward-again', { seconds: againMs / 1000 })]
          .filter((part) => part !== '')
          .join('  ');
    const line = [
      timeOf(new Date()),
      isAccepted ? screen.green(response) : screen.red(response),
      event.data.id,
      event.type,
      result,
    ];
    const { type, data } = event;
    shell.result(
      { type: 'forwarded', data: { webhookId, type, id: data.id, ...attempt } },
      line.join('  ').trimEnd(),
    );
  }
}

/** A URL; `localhost:3000/hook` means http, and a port alone this machine. */
function urlOf({ commandLine, say }: Shell): string | null {
  const text = commandLine.text('forward-to');
  if (text === undefined) {
    const option = ['secret', 'items'].find(commandLine.flag);
    if (option === undefined) return null;
    throw new UsageError(say('option-needs-forward-to', { option: `--${option}` }));
  }
  const address = text.replace(/^:?(?=\d+(\/|$))/, '127.0.0.1:');
  const url = address.includes('://') ? address : `http://${address}`;
  if (!isAddress(url)) throw new UsageError(say('invalid-forward-to', { url: text }));
  return new URL(url).href;
}

function givenSecret({ commandLine, say }: Shell): string | undefined {
  const secret = commandLine.text('secret');
  if (secret !== undefined && !/^whsec_[A-Za-z0-9+/]+=*$/.test(secret))
    throw new UsageError(say('invalid-secret'));
  return secret;
}

/** Images, and batches, that a catch-up reads at most. */
const READ = 1000;
/** How much earlier than the gap they may have been created. */
const AGE_MS = 3600_000;

/** The images and batches that became final since a time, in the order of their creation, images first. */
async function readMissed(client: Pixdock, since: string, signal: AbortSignal): Promise<OwnerEvent[]> {
  const createdSince = new Date(Date.parse(since) - AGE_MS).toISOString();
  const images: OwnerEvent[] = [];
  for await (const data of newest(client.images.list({ signal }), createdSince))
    if (isFinalSince(data, since)) images.unshift({ type: 'image', data });
  const batches: OwnerEvent[] = [];
  for await (const data of newest(client.batches.list({ signal }), createdSince))
    if (isFinalSince(data, since)) batches.unshift({ type: 'batch', data });
  return [...images, ...batches];
}

async function* newest<T extends { createdAt: string }>(
  list: AsyncIterable<T>,
  since: string,
): AsyncGenerator<T> {
  let read = 0;
  for await (const one of list) {
    if (one.createdAt < since || read++ === READ) return;
    yield one;
  }
}

const isFinalSince = ({ finishedAt }: { finishedAt: string | null }, since: string) =>
  finishedAt !== null && finishedAt >= since;
