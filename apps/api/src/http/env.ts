import type { HttpBindings } from '@hono/node-server';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Language } from '@pixdock/contract/messages/text';
import type { Context } from 'hono';
import type { ApiEvents } from '../events.js';
import type { Caller } from '../keys/keyring.js';

/** The context of every handler. Bindings are empty for in-process requests. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    /** DEFAULT_LANGUAGE; unset if a test calls a handler directly. */
    defaultLanguage?: Language;
    /** Headers that bypass Hono (plain-headers.ts). */
    plainHeaders?: Record<string, string> | undefined;
    events: ApiEvents;
    /** The code of the problem in the response, if any. */
    errorCode?: ErrorCode;
    /** The minimum rate of the body; unset if a test calls a handler directly. */
    minimumRate?: MinimumRate;
    /** Set on every route that requires a key. */
    caller: Caller;
    /** The caller's owner. */
    owner: string;
    /** The action in the audit trail; null if the route changes nothing. */
    action: string | null;
    /** The id of what the request created, or the ids of what it changed, unless its path names it. */
    object?: string | readonly string[];
  };
}

export type ApiContext = Context<ApiEnv>;
/** The minimum rate of a request body. */
export interface MinimumRate {
  /** Minimum average over `windowMs`, once `graceMs` have passed. */
  minBytesPerSecond: number;
  windowMs: number;
  graceMs: number;
  /** Longest time for the whole body, including the time that the consumer takes. */
  longestMs: number;
  checkMs: number;
}
