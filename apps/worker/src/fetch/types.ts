import type { Socket } from 'node:net';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Detail } from '@pixdock/contract/messages/detail';

/** Errors of a remote source. `source_lost` is an error of staging, not of a fetch. */
export type SourceCode = Exclude<Extract<ErrorCode, `source_${string}`>, 'source_lost'>;

export interface SourceRequest {
  url: string;
  /** From the item. Only headers in SOURCE_HEADERS are sent, and only to the origin of `url`. */
  headers: Readonly<Record<string, string>>;
  /** Limit of the decoded body. */
  maxBytes: number;
  /** The `validator` of an earlier response, to fetch the source only if it has changed. */
  validator?: string | null;
}

export type SourceOutcome =
  | {
      outcome: 'fetched';
      declaredType: string | null;
      filename: string | null;
      /** The ETag in the response with the source, or else its Last-Modified; null without either. */
      validator: string | null;
    }
  /** The source still has the validator of the request. Its body was not read. */
  | { outcome: 'unchanged'; filename: string | null }
  /** A retry would end the same way. */
  | { outcome: 'failed'; code: SourceCode; detail: Detail }
  /** A retry may succeed, not before `retryAfterMs` if the source named a time. */
  | { outcome: 'later'; code: SourceCode; detail: Detail; retryAfterMs: number | null };

export interface SourceClient {
  /**
   * Fetches one source and passes its decoded body to `write`, chunk by chunk.
   * @throws errors of `write`, the reason of `signal` when it aborts, and faults of this machine
   */
  fetch(
    request: SourceRequest,
    write: (chunk: Buffer) => Promise<void>,
    signal: AbortSignal,
  ): Promise<SourceOutcome>;
  /** Aborts all fetches. */
  stop(): Promise<void>;
}

/** All addresses of a name. `exempt`: SOURCE_ALLOW lists the name, so it may be internal. */
export type Resolve = (name: string, exempt: boolean, signal: AbortSignal) => Promise<readonly string[]>;

export interface ConnectTarget {
  /** A checked address, never a name. */
  address: string;
  port: number;
  /** The name that the certificate must have; null for plain http. */
  tlsName: string | null;
}

/** Resolves once the connection is established, including TLS. */
export type Connect = (target: ConnectTarget, signal: AbortSignal) => Promise<Socket>;

export interface SourceLimits {
  connectMs: number;
  headersMs: number;
  idleMs: number;
  totalMs: number;
  redirects: number;
  headerBytes: number;
}
