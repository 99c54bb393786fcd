import { OssError } from '../http/errors.js';
import { type Reply, xmlReply } from '../http/reply.js';
import { xmlDocument } from '../http/xml.js';
import { etagOf } from '../store/object-record.js';
import type { Context, ObjectRequest } from './context.js';
import { noSuchKey } from './get-object.js';
import { checksums } from './object-headers.js';
import { overwriteCheck } from './put-object.js';

/** Copies an object of the same bucket, with its headers and metadata. */
export async function copyObject(request: ObjectRequest, context: Context): Promise<Reply> {
  const { bucket, key, headers, now } = request;
  const source = sourceKey(headers['x-oss-copy-source'] ?? '', bucket);
  const checkPrevious = overwriteCheck(headers['x-oss-forbid-overwrite'], context.versioning.get(bucket));
  const object = await context.store.open(bucket, source);
  if (!object) throw noSuchKey(source);
  await using file = object.file;
  const record = await context.store.upload(bucket, key, {
    body: file.createReadStream({ autoClose: false }),
    headers: object.record.headers,
    maxBytes: context.maxObjectBytes,
    now,
    check: (_, previous) => checkPrevious(previous),
  });
  const fields = { ETag: etagOf(record), LastModified: record.lastModified };
  return xmlReply(200, xmlDocument('CopyObjectResult', fields), checksums(record));
}

/** The key in `/bucket/key`, which is URL-encoded. */
function sourceKey(text: string, bucket: string): string {
  const [, from, encoded = ''] = /^\/([^/]+)\/(.+)$/.exec(text) ?? [];
  if (from === bucket) return decodeURIComponent(encoded);
  throw new OssError('NotImplemented', 'A copy from another bucket is not implemented by the local OSS.');
}
