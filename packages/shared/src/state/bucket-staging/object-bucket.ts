import type { Readable } from 'node:stream';
import type { UploadForm } from '../uploads/direct-uploads.js';

/** A body that is read again for each try. */
export interface FileBody {
  bytes: number;
  /** Hex. */
  md5: string;
  open(): Readable;
}

/** An object in a listing. */
export interface ListedObject {
  key: string;
  bytes: number;
  /** Hex MD5 of an object that was put; that of an appended one is another value. */
  etag: string;
  lastModified: Date;
}

/** The bucket of a staging, see `StagingBucket` in object-store. Each call retries a few times before it throws. */
export interface ObjectBucket {
  /** `oss://bucket/prefix`, for people. */
  place: string;
  /** Throws promptly if the bucket does not respond. */
  check(): Promise<void>;
  /** Puts an object whose key is new. Competitors for a key put different bytes: `stored` also if the key has these bytes. */
  create(key: string, body: Buffer | FileBody): Promise<'stored' | 'exists'>;
  /** Null if the object does not exist. Fewer bytes if it ends within the range. */
  read(key: string, range?: { from: number; to: number }): Promise<Buffer | null>;
  head(key: string): Promise<Pick<ListedObject, 'bytes' | 'etag'> | null>;
  /** Objects with keys that begin with `prefix` and sort after `after`, ordered by key. */
  list(prefix: string, after?: string | null): AsyncGenerator<ListedObject>;
  remove(keys: readonly string[]): Promise<void>;
  /** Copies an object within the bucket to a key that is new. */
  copy(from: string, to: string): Promise<'copied' | 'missing' | 'exists'>;
  /** Signs a form that puts an object of 1 to `maxBytes` bytes under a key that is new. It sends nothing. */
  signForm(key: string, maxBytes: number): Promise<UploadForm>;
  /** Appends to an object that `append` created. `elsewhere` if it does not end at the position. */
  append(key: string, position: number, bytes: Buffer): Promise<'appended' | 'elsewhere'>;
}
