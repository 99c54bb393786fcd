import { OssError } from '../http/errors.js';
import { type Reply, xmlReply } from '../http/reply.js';
import { xmlDocument } from '../http/xml.js';
import { bucketName } from '../store/layout.js';
import type { BucketRequest, Context } from './context.js';

export async function getBucketInfo(
  { bucket, host }: BucketRequest,
  { store, credentials, publicPrefixes, privateBuckets, versioning }: Context,
): Promise<Reply> {
  const created = await store.bucketCreated(bucket);
  const isPublic = publicPrefixes.includes('') && !privateBuckets.includes(bucket);
  const info = {
    Name: bucket,
    CreationDate: created?.toISOString(),
    Location: `oss-${credentials.region}`,
    ExtranetEndpoint: host,
    IntranetEndpoint: host,
    StorageClass: 'Standard',
    AccessControlList: { Grant: isPublic ? 'public-read' : 'private' },
    Versioning: versioning.get(bucket),
    // A placeholder in the format of OSS.
    Owner: { ID: '0000000000000000', DisplayName: 'pixdock-dev' },
  };
  return xmlReply(200, xmlDocument('BucketInfo', { Bucket: info }));
}

export async function putBucket({ bucket }: BucketRequest, { store }: Context): Promise<Reply> {
  if (!bucketName.test(bucket)) {
    throw new OssError('InvalidBucketName', 'The specified bucket is not valid.', undefined, {
      BucketName: bucket,
    });
  }
  await store.createBucket(bucket);
  return { status: 200, headers: { 'content-length': '0', location: `/${bucket}` } };
}

export async function deleteBucket({ bucket }: BucketRequest, { store }: Context): Promise<Reply> {
  if ((await store.keys(bucket)).length > 0) {
    const message = 'The bucket you tried to delete is not empty.';
    throw new OssError('BucketNotEmpty', message, undefined, { BucketName: bucket });
  }
  await store.deleteBucket(bucket);
  return { status: 204, headers: {} };
}
