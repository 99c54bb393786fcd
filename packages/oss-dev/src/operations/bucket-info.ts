import { type Reply, xmlReply } from '../http/reply.js';
import { xmlDocument } from '../http/xml.js';
import type { BucketRequest, Context } from './context.js';

export async function getBucketInfo(
  { bucket, host }: BucketRequest,
  { store, credentials }: Context,
): Promise<Reply> {
  const created = await store.bucketCreated(bucket);
  const info = {
    Name: bucket,
    CreationDate: created?.toISOString(),
    Location: `oss-${credentials.region}`,
    ExtranetEndpoint: host,
    IntranetEndpoint: host,
    StorageClass: 'Standard',
    AccessControlList: { Grant: 'private' },
    // A placeholder in the format of OSS.
    Owner: { ID: '0000000000000000', DisplayName: 'pixdock-dev' },
  };
  return xmlReply(200, xmlDocument('BucketInfo', { Bucket: info }));
}

/** Without a status, which means that versioning was never enabled. */
export async function getBucketVersioning(): Promise<Reply> {
  return xmlReply(200, xmlDocument('VersioningConfiguration', {}));
}
