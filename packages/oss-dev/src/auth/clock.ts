import { OssError } from '../http/errors.js';

/** Largest accepted difference between the time of a signature and the server's clock. */
export const maxSkewMs = 15 * 60 * 1000;

/** Parses `20260102T030405Z` into Unix milliseconds. @throws OssError */
export function parseDateTime(text: string | undefined): number {
  const match = compact.exec(text ?? '');
  const time = match ? Date.parse(match[0].replace(compact, '$1-$2-$3T$4:$5:$6Z')) : Number.NaN;
  if (Number.isNaN(time)) throw invalidDate();
  return time;
}

export function invalidDate(): OssError {
  return new OssError('AccessDenied', 'OSS authentication requires a valid Date.', '0002-00000503');
}

/** @throws OssError RequestTimeTooSkewed; both times in Unix milliseconds */
export function checkSkew(time: number, now: number): void {
  if (Math.abs(now - time) <= maxSkewMs) return;
  const message = 'The difference between the request time and the current time is too large.';
  throw new OssError('RequestTimeTooSkewed', message, '0002-00000504', {
    MaxAllowedSkewMilliseconds: String(maxSkewMs),
    RequestTime: new Date(time).toISOString(),
    ServerTime: new Date(now).toISOString(),
  });
}

const compact = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
