import { OssError } from '../http/errors.js';
import type { Reply } from '../http/reply.js';
import type { BucketRequest, Context } from './context.js';

export async function deleteBucket({ bucket }: BucketRequest, { store }: Context): Promise<Reply> {
  if ((await store.keys(bucket)).length > 0) {
    const message = 'The bucket you tried to delete is not empty.';
    throw new OssError('BucketNotEmpty', message, undefined, { BucketName: bucket });
  }
  await store.deleteBucket(bucket);
  return { status: 204, headers: {} };
}
