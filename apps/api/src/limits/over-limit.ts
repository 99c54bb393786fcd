import { PixdockError } from '@pixdock/contract/error';
import type { Detail } from '@pixdock/contract/messages/detail';

/** A limit as the `RateLimit-Policy` field describes it (draft-ietf-httpapi-ratelimit-headers-11). */
export interface Quota {
  /** Name of the policy. */
  name: string;
  /** Quota of the policy (`q`). */
  limit: number;
  /** Length of the time window (`w`) in seconds; absent for a limit on what an owner holds. */
  windowSeconds?: number;
  /** Quota unit (`qu`); absent for requests. */
  unit?: 'content-bytes' | 'concurrent-requests';
}

/** An owner has used up a share: 429 `rate_limited`, with the fields that name the limit. */
export class OverLimitError extends PixdockError {
  constructor(
    readonly quota: Quota,
    detail: Detail,
    /** Seconds until a repeat may succeed. */
    override readonly retryAfterSeconds: number,
  ) {
    super('rate_limited', detail);
  }
}
