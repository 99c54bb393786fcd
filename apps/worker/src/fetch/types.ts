import type { Socket } from 'node:net';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Detail } from '@pixdock/contract/messages/detail';

/** What can be wrong with a remote source. `source_lost` is about staging, not about a fetch. */
export type SourceCode = Exclude<Extract<ErrorCode, `source_${string}`>, 'source_lost'>;

export interface SourceRequest {
  url: string;
  /** Of the item; only names in SOURCE_HEADERS are sent, and only to the origin of `url`. */
  headers: Readonly<Record<string, string>>;
  /** Of the decoded body. */
  maxBytes: number;
}

export type SourceOutcome =
  | { outcome: 'fetched'; declaredType: string | null; filename: string | null }
  /** Another try would end the same way. */
  | { outcome: 'failed'; code: SourceCode; detail: Detail }
  /** Worth another try, not before `retryAfterMs` when the source named a time. */
  | { outcome: 'later'; code: SourceCode; detail: Detail; retryAfterMs: number | null };

export interface SourceClient {
  /**
   * Fetches one source and hands its decoded body to `write`, chunk by chunk.
   * @throws what `write` throws, the reason of `signal` when it aborts, and faults of this machine
   */
  fetch(
    request: SourceRequest,
    write: (chunk: Buffer) => Promise<void>,
    signal: AbortSignal,
  ): Promise<SourceOutcome>;
  /** Aborts what is being fetched. */
  stop(): Promise<void>;
}

export interface SourceSettings {
  /** `host:port` as `endpointOf` writes it: exempt from the rules on names, addresses and ports. */
  allow: ReadonlySet<string>;
  ports: ReadonlySet<number>;
}

/** All addresses of a name. `exempt`: the operator named it, so it may be known to this machine alone. */
export type Resolve = (name: string, exempt: boolean, signal: AbortSignal) => Promise<readonly string[]>;

export interface ConnectTarget {
  /** An address that was checked, never a name. */
  address: string;
  port: number;
  /** Whose certificate must be shown; null for plain http. */
  tlsName: string | null;
}

/** Resolves once the connection is made, TLS included. */
export type Connect = (target: ConnectTarget, signal: AbortSignal) => Promise<Socket>;

export interface SourceLimits {
  connectMs: number;
  headersMs: number;
  idleMs: number;
  totalMs: number;
  redirects: number;
  headerBytes: number;
}
