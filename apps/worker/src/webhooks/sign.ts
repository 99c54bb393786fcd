import { createHmac } from 'node:crypto';

/**
 * The headers of a webhook as in Standard Webhooks 1.0, symmetric signature `v1`: HMAC-SHA256 over `id.timestamp.body`.
 * @param secret `whsec_` and the key in Base64
 */
export function signedHeaders(
  id: string,
  body: Buffer,
  secret: string,
  nowMs = Date.now(),
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
