import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { WebhookTarget } from '@pixdock/shared/state/records/webhook-target';
import type { Parts } from '../deps.js';
import { invalid } from '../http/invalid.js';
import type { Caller } from '../keys/keyring.js';

/**
 * The target of a submission's `webhookUrl`. A key that only submits must not send events to any host, so an endpoint of the
 * owner names the origin.
 * @throws PixdockError forbidden for an upload token, invalid_request if no endpoint has the origin of the URL
 */
export async function webhookTargetOf(
  { endpoints }: Parts<'endpoints'>,
  { owner, token }: Pick<Caller, 'owner' | 'token'>,
  webhookUrl: string | null,
): Promise<WebhookTarget | null> {
  if (webhookUrl === null) return null;
  if (token !== null) throw new PixdockError('forbidden', detailOf('token-webhook'));
  const target = await endpoints.targetOf(owner, webhookUrl);
  if (target === null) throw invalid('webhook-url-not-allowed', { origin: new URL(webhookUrl).origin });
  return target;
}
