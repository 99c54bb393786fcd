import { authenticate } from '../auth/authenticate.js';
import { OssError } from '../http/errors.js';
import type { Reply } from '../http/reply.js';
import type { OssRequest } from '../http/request.js';
import { checkKey } from './check-key.js';
import type { BucketRequest, Context, ObjectRequest } from './context.js';
import type { Route } from './routes.js';

/** Checks the signature, the bucket and the key, then runs the operation. @throws OssError */
export async function perform(route: Route, request: OssRequest, context: Context): Promise<Reply> {
  // The signature of a form is in its body, so the operation checks it.
  if (route.name !== 'PostObject') authenticate(request, context);
  const { bucket = '', key = '' } = request;
  if (route.name !== 'PutBucket' && !(await context.store.bucketCreated(bucket))) {
    const fields = { BucketName: bucket };
    throw new OssError('NoSuchBucket', 'The specified bucket does not exist.', '0015-00000101', fields);
  }
  if (route.on === 'bucket') return route.run({ ...request, bucket } satisfies BucketRequest, context);
  checkKey(key);
  return route.run({ ...request, bucket, key } satisfies ObjectRequest, context);
}
