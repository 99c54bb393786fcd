import { detailOf } from '@pixdock/contract/messages/detail';
import { SourceFault } from './fault.js';
import { MAX_RETRY_AFTER_MS } from './limits.js';
import { utf8 } from './naming.js';
import type { HttpResponse } from './send-request.js';
import type { SourceCode } from './types.js';

const REDIRECTS = [301, 302, 303, 307, 308];
const DENIED = [401, 402, 403, 407, 451];
const MISSING = [404, 410];
const PASSING = [408, 429];

/**
 * The target of a redirect; null for a response with the source itself.
 * @throws SourceFault for every other status
 */
export function redirectOf({ status, header }: HttpResponse): string | null {
  if (status === 200) return null;
  if (!REDIRECTS.includes(status)) throw faultOf(status, header('retry-after'));
  const location = header('location');
  if (location !== null) return utf8(location);
  const detail = detailOf('source-redirect-without-location', { status });
  throw new SourceFault('source_unreachable', detail, false);
}

export function tooManyRedirects(most: number): SourceFault {
  const detail = detailOf('source-redirects', { max: most });
  return new SourceFault('source_unreachable', detail, false);
}

function faultOf(status: number, retryAfter: string | null): SourceFault {
  const detail = detailOf('source-status', { status });
  const again = status >= 500 || PASSING.includes(status);
  return new SourceFault(codeOf(status), detail, again, again ? retryAfterMs(retryAfter, Date.now()) : null);
}

function codeOf(status: number): SourceCode {
  if (DENIED.includes(status)) return 'source_denied';
  return MISSING.includes(status) ? 'source_not_found' : 'source_unreachable';
}

/** Parses seconds or an HTTP date (RFC 9110 10.2.3) to 0 to 10 minutes, or another maximum; null for any other text. */
export function retryAfterMs(value: string | null, nowMs: number, maxMs = MAX_RETRY_AFTER_MS): number | null {
  const text = value?.trim() ?? '';
  const date = text.endsWith(' GMT') ? Date.parse(text) - nowMs : Number.NaN;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : date;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), maxMs);
}
