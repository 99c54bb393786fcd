import { PixdockError, toProblem } from '@pixdock/contract/error';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { detailOf, sayDetail } from '@pixdock/contract/messages/detail';
import { StorageFault } from '@pixdock/object-store/types';
import { asError } from '@pixdock/shared/runtime/as-error';
import { isRedisUnavailable } from '@pixdock/shared/runtime/redis-unavailable';
import { OtherStaging } from '@pixdock/shared/state/epoch';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { OverLimitError } from '../limits/over-limit.js';
import type { ApiContext } from './env.js';
import { languageOf } from './language.js';
import { setRateLimit } from './rate-limit.js';

const RETRY_AFTER_SECONDS: Partial<Record<ErrorCode, number>> = {
  idempotency_in_progress: 1,
  upload_in_use: 1,
  queue_unavailable: 5,
  staging_full: 30,
  overloaded: 5,
};

/** Converts errors to responses. Errors other than PixdockError are server faults. */
export function respondWithError(thrown: unknown, c: ApiContext): Response {
  const error = explainAddress(translate(thrown), c.req.path);
  if (error.facts.status >= 500) c.get('events').failed(error, c.get('requestId'));
  c.header('Cache-Control', 'no-store');
  const wait = error.retryAfterSeconds ?? RETRY_AFTER_SECONDS[error.code];
  if (wait !== undefined) c.header('Retry-After', String(wait));
  if (error instanceof OverLimitError) setRateLimit(c, error.quota, 0, error.retryAfterSeconds);
  if (error.code === 'method_not_allowed' && ACTIONS.has(c.req.path)) c.header('Allow', 'POST');
  if (error.code === 'unauthorized') c.header('WWW-Authenticate', 'Bearer realm="pixdock"');
  c.header('Content-Type', 'application/problem+json');
  c.header('Content-Language', languageOf(c));
  c.header('Vary', 'Accept-Language', { append: true });
  return c.body(
    JSON.stringify(problemOf(c, error.code, sayDetail(languageOf(c), error.detail))),
    error.facts.status as ContentfulStatusCode,
  );
}

/** The body of a problem (RFC 9457) in the caller's language, and the code that is reported for the request; `members` are added to it or replace its own. */
export function problemOf(
  c: ApiContext,
  code: ErrorCode,
  detail: string,
  members: Record<string, unknown> = {},
) {
  c.set('errorCode', code);
  return { ...toProblem(code, detail, languageOf(c)), requestId: c.get('requestId'), ...members };
}

function translate(thrown: unknown): PixdockError {
  if (thrown instanceof PixdockError) return thrown;
  if (thrown instanceof HTTPException && thrown.status < 500) return new PixdockError('invalid_request');
  const error = asError(thrown);
  if (error instanceof OtherStaging) {
    const ids = { own: error.own.id, other: error.other.id };
    return new PixdockError('queue_unavailable', detailOf('other-staging', ids), { cause: error });
  }
  if (isRedisUnavailable(error)) return new PixdockError('queue_unavailable', undefined, { cause: error });
  if (isFullDisk(error)) return new PixdockError('staging_full', undefined, { cause: error });
  if (error instanceof StorageFault)
    return new PixdockError('overloaded', detailOf('staging-away'), { cause: error });
  return new PixdockError('overloaded', undefined, { cause: error });
}

/** Where the resources with an id of this kind are. */
const PLACES: Readonly<Record<string, string>> = {
  img: '/v1/images',
  bat: '/v1/batches',
  upl: '/v1/uploads',
  frt: '/v1/failures/retry',
  whe: '/v1/webhooks/endpoints',
  msg: '/v1/webhooks/deliveries',
  whr: '/v1/webhooks/recover',
};

/** Calls at the place of an id. Only POST reaches them, because one more route for GET would make the router slow. */
const ACTIONS = new Set(['/v1/images/delete', '/v1/images/lookup', '/v1/batches/preview']);

/** Names the address of an id that was looked for among resources of another kind, and says what is wrong with an id. */
function explainAddress(error: PixdockError, path: string): PixdockError {
  if (error.code !== 'not_found' || error.detail.params['meant'] !== undefined) return error;
  const [, before = '', id = '', kind = ''] =
    /^(.*)\/((img|bat|upl|frt|whe|msg|whr)_[0-9a-f]{32})(?:\/|$)/.exec(path) ?? [];
  const place = PLACES[kind];
  if (place === undefined) return explainId(error, path);
  if (place === before) return error;
  return new PixdockError('not_found', detailOf('misplaced-id', { id, meant: `${place}/${id}` }));
}

function explainId(error: PixdockError, path: string): PixdockError {
  if (error.detail.reason !== 'not_found.fix') return error;
  const [kind, place = ''] = Object.entries(PLACES).find(([, at]) => path.startsWith(`${at}/`)) ?? [];
  if (kind === undefined) return error;
  if (ACTIONS.has(path))
    return new PixdockError('method_not_allowed', detailOf('allowed-methods', { methods: ['POST'] }));
  const [id = ''] = path.slice(place.length + 1).split('/');
  return new PixdockError('not_found', detailOf('id-malformed', { id, kind }));
}

function isFullDisk(error: Error): boolean {
  return 'code' in error && ['ENOSPC', 'EDQUOT', 'EROFS'].includes(String(error.code));
}
