import type { Text } from '@pixdock/contract/error-table';

/** One object to be stored. It is never overwritten: see `PutOutcome`. */
export interface NewObject {
  key: string;
  body: Buffer;
  contentType: string;
  /** Hex MD5 of `body`; sent as Content-MD5. */
  md5: string;
  cacheControl: string;
  /** `x-oss-meta-*` by name; printable ASCII only. */
  metadata: Readonly<Record<string, string>>;
}

export interface StoredObject {
  /** Hex MD5, lower case, without quotes. */
  etag: string;
  bytes: number;
  contentType: string;
  metadata: Readonly<Record<string, string>>;
  lastModified: Date;
}

/** An object as a listing tells of it. */
export interface ListedObject {
  key: string;
  bytes: number;
  /** Hex MD5, lower case, without quotes. */
  etag: string;
  lastModified: Date;
}

/** `exists`: the key was taken (409 FileAlreadyExists), perhaps by our own put whose answer was lost. */
export type PutOutcome = { outcome: 'stored'; etag: string } | { outcome: 'exists' };

export type FaultKind =
  /** May pass by itself: network, timeout, 5xx. */
  | 'transient'
  /** The service asks for less; see `retryAfterMs`. */
  | 'throttled'
  /** Wrong key, region, bucket, permission, clock: nothing succeeds until someone mends it. */
  | 'configuration'
  /** This very object is not acceptable to OSS; repeating it is pointless. */
  | 'rejected';

/** What we need of a bucket. Every call retries by itself a few times and throws only StorageFault. */
export interface ObjectStore {
  put(object: NewObject, signal?: AbortSignal): Promise<PutOutcome>;
  /** Null when there is no such object. */
  head(key: string, signal?: AbortSignal): Promise<StoredObject | null>;
  /** Deleting what is not there is a success. */
  remove(key: string, signal?: AbortSignal): Promise<void>;
  /** Objects whose key begins with `prefix`, in the order of their keys, from behind the key `after` on. */
  list(prefix: string, after?: string | null, signal?: AbortSignal): AsyncGenerator<ListedObject>;
  /** Where browsers find the object: ALIYUN_OSS_FILE_DOMAIN + key. */
  publicUrl(key: string): string;
  /** Closes the sockets. */
  stop(): void;
}

/** What is known of a failed call; this whitelist is all that is ever logged of it. */
export interface FaultFacts {
  kind: FaultKind;
  /** OSS's code, or the client's name for a network fault. */
  code: string;
  status: number | null;
  requestId: string | null;
  ecCode: string | null;
  /** How long OSS asks us to wait. */
  retryAfterMs: number | null;
  /** What an operator should do. */
  fix: Text;
}

export class StorageFault extends Error {
  override readonly name = 'StorageFault';

  constructor(
    readonly operation: 'put' | 'head' | 'remove' | 'list',
    readonly facts: FaultFacts,
  ) {
    super(`${operation}: ${facts.code} (${facts.kind}): ${facts.fix.en}`);
  }
}
