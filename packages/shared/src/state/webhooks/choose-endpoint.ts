import type { Endpoint } from './endpoint-files.js';
import type { WebhookTarget } from './webhook-target.js';

/**
 * The target of a `webhookUrl`: the enabled endpoint at its origin whose URL shares the longest beginning with it. Null
 * without an endpoint.
 */
export function chooseEndpoint(endpoints: readonly Endpoint[], url: string): WebhookTarget | null {
  const { href, origin } = new URL(url);
  const [first, ...others] = endpoints.filter(
    (endpoint) => endpoint.disabledAt === null && new URL(endpoint.url).origin === origin,
  );
  if (first === undefined) return null;
  const common = (endpoint: Endpoint) => commonLength(endpoint.url, href);
  const found = others.reduce((best, one) => (common(one) > common(best) ? one : best), first);
  return { endpointId: found.id, url: found.url === href ? null : href };
}

/** The number of characters with which both texts begin. */
function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
