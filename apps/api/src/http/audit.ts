import type { RouteConfig } from '@hono/zod-openapi';
import type { AuditEntry } from '@pixdock/shared/state/audit';
import type { ApiContext } from './env.js';

/** Operations that submit or only read. All others with a method other than GET are in the audit trail. */
const UNAUDITED = [
  'submitImage',
  'submitBatch',
  'previewSheet',
  'createUpload',
  'appendToUpload',
  'findImages',
];

/** The name of a declared route in the audit trail; null if it changes nothing. */
export const actionOf = ({ method, operationId = '' }: RouteConfig): string | null =>
  method === 'get' || UNAUDITED.includes(operationId) ? null : operationId;

/** The line of a request in the audit trail; null for a request that changes nothing. */
export function changeOf(c: ApiContext): (AuditEntry & { keyId: string }) | null {
  const action = c.get('action') ?? null;
  if (action === null) return null;
  const { status } = c.res;
  const { owner, keyId } = c.get('caller');
  return {
    action,
    outcome: status < 400 ? 'done' : status < 500 ? 'refused' : 'failed',
    status,
    owner,
    keyId,
    object: c.get('object') ?? idIn(c.req.path),
    address: c.env?.incoming?.socket.remoteAddress?.replace(/^::ffff:/, '') ?? null,
    requestId: c.get('requestId'),
    user: null,
  };
}

/** The id in a path. Callers may write anything there, so everything else is left out. */
const idIn = (path: string): string | null => /\/([a-z]{3}_[0-9a-f]{32})(?:\/|$)/.exec(path)?.[1] ?? null;
