import type { ErrorCode } from '@pixdock/contract/error-table';
import { ERROR_CODES } from '@pixdock/contract/error-table';
import { FAILURE_HOST_MAX } from '@pixdock/contract/failure';
import type { ImageRecord } from '../images/image-record.js';

/** The facts that are equal for all images of a failure group. */
export interface GroupFacts {
  code: ErrorCode;
  /** Null without a source URL. */
  host: string | null;
  /** Of the failure, in UTC. */
  day: string;
}

/**
 * The failure group of a record: `2027-01-31 source_timeout img.example.com`. Null unless the image has failed. A host that is
 * too long to exist is cut, because a cursor contains the group.
 */
export function failureGroupOf(record: ImageRecord): string | null {
  if (record.status !== 'failed') return null;
  const { error, finishedAt, source } = record;
  const host = source.url !== null && URL.canParse(source.url) ? new URL(source.url).host : '';
  return [finishedAt.slice(0, DAY), error.code, host.slice(0, FAILURE_HOST_MAX)].join(' ');
}

const DAY = '2027-01-31'.length;
const GROUP = /^(\d{4}-\d\d-\d\d) ([a-z_]+) (\S*)$/;

/** Null for text that is not a group of this version. */
export function parseFailureGroup(group: string): GroupFacts | null {
  const [, day = '', name, host = ''] = GROUP.exec(group) ?? [];
  const code = ERROR_CODES.find((known) => known === name);
  return code === undefined ? null : { code, host: host === '' ? null : host, day };
}

/** Null for a cursor that no response has contained. */
export function decodeGroup(cursor: string): string | null {
  const group = Buffer.from(cursor, 'base64url').toString('utf8');
  return parseFailureGroup(group) === null ? null : group;
}

export const encodeGroup = (group: string) => Buffer.from(group, 'utf8').toString('base64url');
