import { OssError } from '../http/errors.js';
import type { Reply } from '../http/reply.js';
import { bucketName } from '../store/layout.js';
import type { BucketRequest, Context } from './context.js';

export async function putBucket({ bucket }: BucketRequest, { store }: Context): Promise<Reply> {
  if (!bucketName.test(bucket)) {
    throw new OssError('InvalidBucketName', 'The specified bucket is not valid.', undefined, {
      BucketName: bucket,
    });
  }
  await store.createBucket(bucket);
  return { status: 200, headers: { 'content-length': '0', location: `/${bucket}` } };
}
