import { toProblem } from '@pixdock/contract/error';
import { ERROR_CODES, ERROR_TABLE, type ErrorCode } from '@pixdock/contract/error-table';
import { fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';

/** The codes with which any operation may respond. */
const COMMON: readonly ErrorCode[] = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
  'digest_mismatch',
  'rate_limited',
  'queue_unavailable',
  'overloaded',
];

const CREATION: readonly ErrorCode[] = [
  'unknown_profile',
  'idempotency_in_progress',
  'idempotency_conflict',
  'staging_full',
];

/** Further codes of single operations. */
const OF_OPERATION: Readonly<Record<string, readonly ErrorCode[]>> = {
  submitImage: [...CREATION, 'empty_file', 'heic_unsupported', 'image_corrupt', 'source_not_found'],
  submitBatch: [...CREATION, 'too_many_items'],
  retryImage: ['not_retryable', 'source_lost', 'image_corrupt'],
};

/** The codes that an operation may have for a status; all codes of the status if none is known. */
export function codesOf(operationId: string, status: number): ErrorCode[] {
  const known = [...COMMON, ...(OF_OPERATION[operationId] ?? [])];
  const all = ERROR_CODES.filter((code) => ERROR_TABLE[code].status === status);
  const own = all.filter((code) => known.includes(code));
  return own.length === 0 ? all : own;
}

export function problemExample(code: ErrorCode, language: Language) {
  return { ...toProblem(code, sayDetail(language, fixOf(code)), language), requestId: 'req_example' };
}
