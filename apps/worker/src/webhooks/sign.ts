import { createHmac } from 'node:crypto';

/**
 * The headers of a webhook as in Standard Webhooks 1.0, symmetric signature `v1`: HMAC-SHA256 over `id.timestamp.body`.
 * @param secrets each `whsec_` and the key in Base64; there is a signature for each
 */
export function signedHeaders(
  id: string,
  body: Buffer,
  secrets: readonly string[],
  nowMs = Date.now(),
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
