export interface ErrorFacts {
  /** HTTP status of a refusal; for codes of an image, that of a `Prefer: wait` response. */
  status: number;
  /** Whether the same request, or `retry` of the image, may succeed without a change by the caller. */
  retryable: boolean;
  /** Whether `retry` of the image may succeed after a repair outside it, which the fix names: at its source or on the server. */
  repairable?: boolean;
}

/** Every error code; `GET /v1/errors` serves this table. The titles and fixes are in `messages/errors`. */
export const ERROR_TABLE = {
  invalid_request: { status: 400, retryable: false },
  empty_file: { status: 400, retryable: false },
  unknown_profile: { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  request_timeout: { status: 408, retryable: true },
  idempotency_in_progress: { status: 409, retryable: true },
  offset_conflict: { status: 409, retryable: false },
  not_retryable: { status: 409, retryable: false },
  already_deleted: { status: 409, retryable: false },
  not_held: { status: 409, retryable: false },
  not_signable: { status: 409, retryable: false },
  source_lost: { status: 409, retryable: false },
  protocol_unsupported: { status: 412, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  too_many_items: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  heic_unsupported: { status: 415, retryable: false },
  digest_mismatch: { status: 422, retryable: true },
  idempotency_conflict: { status: 422, retryable: false },
  upload_in_use: { status: 423, retryable: true },
  checksum_mismatch: { status: 460, retryable: true },
  rate_limited: { status: 429, retryable: true },
  queue_unavailable: { status: 503, retryable: true },
  staging_full: { status: 503, retryable: true },
  overloaded: { status: 503, retryable: true },
  image_corrupt: { status: 422, retryable: false },
  image_truncated: { status: 422, retryable: false },
  image_too_large: { status: 422, retryable: false, repairable: true },
  too_many_frames: { status: 422, retryable: false, repairable: true },
  image_too_complex: { status: 422, retryable: false, repairable: true },
  image_too_small: { status: 422, retryable: false },
  aspect_mismatch: { status: 422, retryable: false },
  content_rejected: { status: 422, retryable: false },
  review_unavailable: { status: 502, retryable: true },
  processing_timeout: { status: 422, retryable: true },
  processing_crashed: { status: 422, retryable: true },
  source_forbidden: { status: 422, retryable: false, repairable: true },
  source_unreachable: { status: 422, retryable: true },
  source_timeout: { status: 422, retryable: true },
  source_not_found: { status: 422, retryable: false, repairable: true },
  source_denied: { status: 422, retryable: false, repairable: true },
  source_too_large: { status: 422, retryable: false, repairable: true },
  storage_denied: { status: 502, retryable: true },
  storage_unavailable: { status: 502, retryable: true },
  storage_conflict: { status: 502, retryable: true },
  invalid_row: { status: 422, retryable: false },
  canceled: { status: 409, retryable: false },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof ERROR_TABLE;

export const ERROR_CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

/** Whether a retry of a failed image may help, if need be after the repair that the fix names. False for an unknown code. */
export function mayRetry(code: string): boolean {
  const facts = (ERROR_TABLE as Partial<Record<string, ErrorFacts>>)[code];
  return facts !== undefined && (facts.retryable || facts.repairable === true);
}

/** Whether a review has rejected the image. The decision stands, so `retry` refuses such an image. */
export const isRejected = ({ error }: { error: { code: string } | null }): boolean =>
  error?.code === ('content_rejected' satisfies ErrorCode);
