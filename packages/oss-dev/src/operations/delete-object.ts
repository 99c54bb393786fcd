import { createHash } from 'node:crypto';
import { OssError } from '../http/errors.js';
import { type Reply, xmlReply } from '../http/reply.js';
import { readBytes } from '../http/request.js';
import { unescapeXml, xmlDocument } from '../http/xml.js';
import { checkKey } from './check-key.js';
import type { BucketRequest, Context, ObjectRequest } from './context.js';
import { digestCheck } from './put-object.js';

export async function deleteObject(request: ObjectRequest, { store }: Context): Promise<Reply> {
  await store.delete(request.bucket, request.key);
  return { status: 204, headers: {} };
}

const maxListBytes = 2 * 1024 ** 2;
const maxKeys = 1000;

export async function deleteMultipleObjects(request: BucketRequest, { store }: Context): Promise<Reply> {
  const { bucket, headers } = request;
  if (headers['content-md5'] === undefined) {
    throw new OssError('MissingArgument', 'Missing Some Required Arguments.', '0016-00000606');
  }
  const bytes = await readBytes(request.body, maxListBytes);
  if (bytes === null) throw malformed();
  digestCheck(headers['content-md5'])({ md5: createHash('md5').update(bytes).digest('hex').toUpperCase() });
  const xml = bytes.toString('utf8');
  const keys = [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => unescapeXml(key));
  if (keys.length === 0 || keys.length > maxKeys || !/<\/Delete>\s*$/.test(xml)) throw malformed();
  keys.forEach(checkKey);
  await Promise.all(keys.map((key) => store.delete(bucket, key)));
  if (/<Quiet>true<\/Quiet>/.test(xml)) return { status: 200, headers: { 'content-length': '0' } };
  return xmlReply(200, xmlDocument('DeleteResult', { Deleted: keys.map((Key) => ({ Key })) }));
}

function malformed(): OssError {
  return new OssError('MalformedXML', 'The XML you provided was not well-formed.');
}
