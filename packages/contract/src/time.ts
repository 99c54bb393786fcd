import { z } from 'zod';
import { reason } from './messages/reason.js';

/**
 * A point in time of a request: RFC 3339 with any offset, a date, which begins at 00:00 UTC, or seconds or milliseconds
 * since 1970. The output is RFC 3339.
 */
export const pointInTime = z.preprocess(
  toRfc3339,
  z.iso.datetime({ offset: true, error: reason('not-a-time') }),
);

function toRfc3339(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const text = String(value).trim();
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00Z`;
  if (/^(?:\d{10}|\d{13})$/.test(text)) return new Date(Number(text.padEnd(13, '0'))).toISOString();
  // A query decodes `+` to a space: before an offset, or instead of the T.
  return text.replace(/ (\d{2}:\d{2})$/, '+$1').replace(/^(\d{4}-\d{2}-\d{2})[ +](?=\d)/, '$1T');
}
