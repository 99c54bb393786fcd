import { nowMs } from '@pixdock/shared/runtime/clock';
import { Webhook } from 'standardwebhooks';

/**
 * The headers of a webhook as in Standard Webhooks 1.0.
 * @param secrets each `whsec_` and the key in Base64; there is a signature for each
 */
export function signedHeaders(
  id: string,
  body: Buffer,
  secrets: readonly string[],
  at = new Date(nowMs()),
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
