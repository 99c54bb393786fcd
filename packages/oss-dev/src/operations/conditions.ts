import { OssError } from '../http/errors.js';
import type { Reply } from '../http/reply.js';
import type { Headers } from '../http/request.js';
import { etagOf, type ObjectRecord } from '../store/object-record.js';
import { validators } from './object-headers.js';

/** Evaluates preconditions (RFC 9110, 13.2.2): a 304 response, or `undefined` to continue. @throws OssError PreconditionFailed */
export function unmetCondition(headers: Headers, record: ObjectRecord): Reply | undefined {
  const match = headers['if-match'];
  const unmodified = headers['if-unmodified-since'];
  const noneMatch = headers['if-none-match'];
  const modified = headers['if-modified-since'];
  if (match !== undefined ? !includesEtag(match, record) : isAfter(record, unmodified)) {
    const message = 'At least one of the pre-conditions you specified did not hold.';
    throw new OssError('PreconditionFailed', message);
  }
  if (noneMatch !== undefined ? includesEtag(noneMatch, record) : isNotAfter(record, modified)) {
    return { status: 304, headers: validators(record) };
  }
  return undefined;
}

function includesEtag(list: string, record: ObjectRecord): boolean {
  const tags = list.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const etag = etagOf(record);
  return tags.some((tag) => tag === '*' || tag === etag || `"${tag}"` === etag);
}

function isAfter(record: ObjectRecord, date: string | undefined): boolean {
  return date !== undefined && seconds(record.lastModified) > seconds(date);
}

function isNotAfter(record: ObjectRecord, date: string | undefined): boolean {
  return date !== undefined && seconds(record.lastModified) <= seconds(date);
}

function seconds(date: string): number {
  return Math.floor(Date.parse(date) / 1000);
}
