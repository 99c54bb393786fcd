import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { judgeAddress } from '@pixdock/shared/runtime/sources/judge-address';
import type { WebhookTarget } from '@pixdock/shared/state/webhooks/webhook-target';
import type { ApiConfig } from '../config.js';
import type { Parts } from '../deps.js';
import { invalid } from '../http/invalid.js';
import type { Caller } from '../keys/keyring.js';

/**
 * The target of a submission's `webhookUrl`. A key that only submits must not send events to any host, so an endpoint of the
 * owner names the origin.
 * @throws PixdockError forbidden for an upload token, invalid_request if a worker would not connect to the URL, or no endpoint
 * has its origin
 */
export async function webhookTargetOf(
  { endpoints, config }: Parts<'endpoints' | 'config'>,
  { owner, token }: Pick<Caller, 'owner' | 'token'>,
  webhookUrl: string | null,
): Promise<WebhookTarget | null> {
  if (webhookUrl === null) return null;
  if (token !== null) throw new PixdockError('forbidden', detailOf('token-webhook'));
  checkWebhookUrl(webhookUrl, config);
  const target = await endpoints.targetOf(owner, webhookUrl);
  if (target === null) throw invalid('webhook-url-not-allowed', { origin: new URL(webhookUrl).origin });
  return target;
}

/**
 * Refuses a URL to which no worker would ever send, as far as it tells: a name is resolved only for a delivery, since the DNS
 * of the API may fail or answer differently.
 * @throws PixdockError invalid_request naming the setting that allows the target
 */
export function checkWebhookUrl(url: string, { webhooks }: Pick<ApiConfig, 'webhooks'>): void {
  const { forbidden } = judgeAddress(url, null, webhooks, 'webhook');
  if (forbidden !== null) throw new PixdockError('invalid_request', forbidden);
}
