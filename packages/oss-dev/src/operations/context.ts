import type { Credentials } from '../auth/credentials.js';
import type { OssRequest } from '../http/request.js';
import type { Store } from '../store/disk-store.js';

/** A request whose bucket exists, except for PutBucket. */
export type BucketRequest = OssRequest & { bucket: string };
export type ObjectRequest = BucketRequest & { key: string };
export type Context = { store: Store; credentials: Credentials; maxObjectBytes: number };
