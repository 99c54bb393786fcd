import type { AuthRules } from '../auth/authenticate.js';
import type { OssRequest } from '../http/request.js';
import type { Store } from '../store/disk-store.js';

/** A request whose bucket exists, except for PutBucket. */
export type BucketRequest = OssRequest & { bucket: string };
export type ObjectRequest = BucketRequest & { key: string };
export type Context = AuthRules & {
  store: Store;
  maxObjectBytes: number;
  /** The buckets that have versioning, or had it. */
  versioning: ReadonlyMap<string, Versioning>;
};
export type Versioning = 'Enabled' | 'Suspended';
