import type { Text } from '@pixdock/contract/messages/text';

/** An object to store. An existing object is never overwritten: see `PutOutcome`. */
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

/** An object in a listing. */
export interface ListedObject {
  key: string;
  bytes: number;
  /** Hex MD5, lower case, without quotes. */
  etag: string;
  lastModified: Date;
}

/** Who may read a bucket, and whether it has versions. */
export interface BucketInfo {
  /** `private`, `public-read` or `public-read-write`. */
  acl: string;
  /** `Enabled` or `Suspended`; null if the bucket never had versioning. */
  versioning: string | null;
}

/** Byte offsets in an object: `from` is the first, `to` the one after the last. */
export interface ByteRange {
  from: number;
  to: number;
}

/** `exists`: the key is in use (409 FileAlreadyExists), possibly by an earlier put whose response was lost. */
export type PutOutcome = { outcome: 'stored'; etag: string } | { outcome: 'exists' };

export type FaultKind =
  /** Temporary: network, timeout, 5xx. */
  | 'transient'
  /** OSS asks for fewer requests; see `retryAfterMs`. */
  | 'throttled'
  /** Wrong key, region, bucket, permission or clock: every call fails until an operator fixes it. */
  | 'configuration'
  /** OSS does not accept this object; a retry would fail again. */
  | 'rejected';

/** The bucket operations that Pixdock uses. Every call retries a few times and throws only StorageFault. */
export interface ObjectStore {
  /** @param onUnanswered is called when a try ends without a response: OSS may store the object later, even after its deletion */
  put(object: NewObject, signal?: AbortSignal, onUnanswered?: () => void): Promise<PutOutcome>;
  /** Null if the object does not exist. */
  head(key: string, signal?: AbortSignal): Promise<StoredObject | null>;
  /** Succeeds if the object does not exist. */
  remove(key: string, signal?: AbortSignal): Promise<void>;
  /** Objects with keys that begin with `prefix` and sort after `after`, ordered by key. */
  list(prefix: string, after?: string | null, signal?: AbortSignal): AsyncGenerator<ListedObject>;
  /** The public URL of an object: ALIYUN_OSS_FILE_DOMAIN + key; null for a private object. */
  publicUrl(key: string): string | null;
  /** A signed URL for GET: of the CDN with CDN_AUTH_KEY, otherwise V4. With a temporary key the latter expires earlier, before the key can. */
  sign(key: string, seconds: number): Promise<{ url: string; expiresAt: Date }>;
  /** Loads ali-oss, which otherwise the first call does: nothing else happens in the process for 0.2 to 0.4 s. */
  load(): Promise<void>;
  /** Closes the sockets. */
  stop(): void;
}

/** Facts about a failed call. Only these are logged, because the error itself may contain secrets. */
export interface FaultFacts {
  kind: FaultKind;
  /** The OSS code, or the error name of ali-oss for a network error. */
  code: string;
  status: number | null;
  requestId: string | null;
  ecCode: string | null;
  /** The pause that OSS asks for. */
  retryAfterMs: number | null;
  /** The recommended action for an operator. */
  fix: Text;
}

export class StorageFault extends Error {
  override readonly name = 'StorageFault';

  constructor(
    readonly operation: 'put' | 'append' | 'copy' | 'read' | 'head' | 'remove' | 'list' | 'info',
    readonly facts: FaultFacts,
  ) {
    super(`${operation}: ${facts.code} (${facts.kind}): ${facts.fix.en}`);
  }
}
