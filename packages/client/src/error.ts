import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Image } from '@pixdock/contract/image';

/** An error response of the server (RFC 9457); an image's `error` has the same shape. */
export type Problem = NonNullable<Image['error']>;

/** Errors without a response from Pixdock: no response at all, or one from another server. */
export type ClientCode = 'unreachable' | 'unexpected_answer';

/** The members of a `PixdockApiError`. */
export type ApiErrorFacts = Pick<PixdockApiError, 'code' | 'status' | 'title' | 'detail' | 'retryable'> &
  Partial<Pick<PixdockApiError, 'requestId' | 'image' | 'retryAfterSeconds'>>;

/** The only error class of the client. An aborted call throws the reason of its signal instead. */
export class PixdockApiError extends Error {
  override readonly name = 'PixdockApiError';
  /** A code of `GET /v1/errors`; `unreachable` without a response; `unexpected_answer` for a response of another server. */
  readonly code: ErrorCode | ClientCode;
  /** HTTP status; 0 without a response. */
  readonly status: number;
  /** The meaning of the code, in the language of the client. */
  readonly title: string;
  /** The problem in this case, in the language of the client. */
  readonly detail: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** The id of the request in the log of the server. */
  readonly requestId: string | undefined;
  /** The image that failed while `upload` waited for it. */
  readonly image: Image | undefined;
  /** The pause that the server asks for, if any. */
  readonly retryAfterSeconds: number | undefined;

  constructor(facts: ApiErrorFacts, options?: ErrorOptions) {
    super(`${facts.code}: ${facts.detail}`, options);
    this.code = facts.code;
    this.status = facts.status;
    this.title = facts.title;
    this.detail = facts.detail;
    this.retryable = facts.retryable;
    this.requestId = facts.requestId;
    this.image = facts.image;
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }
}
