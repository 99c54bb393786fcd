import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Image } from '@pixdock/contract/image';

/** A refusal as the server writes it (RFC 9457); an image's `error` has the same shape. */
export type Problem = NonNullable<Image['error']>;

/** What can go wrong before the server has its say: no answer at all, or one that is not Pixdock's. */
export type ClientCode = 'unreachable' | 'unexpected_answer';

/** What an error is made of; the members of `PixdockApiError` say what each is. */
export interface ApiErrorFacts {
  code: ErrorCode | ClientCode;
  status: number;
  title: string;
  detail: string;
  retryable: boolean;
  requestId?: string | undefined;
  image?: Image | undefined;
  retryAfterSeconds?: number | undefined;
}

/** The one error that the client throws by itself; an aborted call throws the reason of its signal instead. */
export class PixdockApiError extends Error {
  override readonly name = 'PixdockApiError';
  /** A code of `GET /v1/errors`, `unreachable` without an answer, `unexpected_answer` where something else answered. */
  readonly code: ErrorCode | ClientCode;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** What the code means, in the language of the client. */
  readonly title: string;
  /** What was wrong this time, in the language of the client. */
  readonly detail: string;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** What the server's log knows the request by. */
  readonly requestId: string | undefined;
  /** The image, when it failed while `upload` waited for it. */
  readonly image: Image | undefined;
  /** When to come back, if the server said so. */
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
