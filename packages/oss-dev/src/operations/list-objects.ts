import { encodeStrictly } from '../http/encoding.js';
import { OssError } from '../http/errors.js';
import { type Reply, xmlReply } from '../http/reply.js';
import { xmlDocument } from '../http/xml.js';
import { etagOf } from '../store/object-record.js';
import type { BucketRequest, Context } from './context.js';
import { listPage } from './list-page.js';
import { objectType } from './object-headers.js';

/** ListObjectsV2: pages by `continuation-token`, which takes precedence over `start-after`. */
export async function listObjectsV2({ bucket, query }: BucketRequest, { store }: Context): Promise<Reply> {
  if (query.get('list-type') !== '2') throw invalid('list-type', query.get('list-type'));
  const encodingType = query.get('encoding-type') || undefined;
  if (encodingType !== undefined && encodingType !== 'url') throw invalid('encoding-type', encodingType);
  const encode = encodingType ? encodeStrictly : (text: string) => text;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = readMaxKeys(query.get('max-keys') || '100');
  const startAfter = query.get('start-after');
  const token = query.get('continuation-token') || undefined;
  const after = token === undefined ? (startAfter ?? '') : readToken(token);
  const page = listPage(await store.keys(bucket), { prefix, delimiter, after, maxKeys });
  const records = await Promise.all(page.keys.map((key) => store.read(bucket, key)));
  const result = {
    Name: bucket,
    Prefix: encode(prefix),
    MaxKeys: maxKeys,
    Delimiter: encode(delimiter),
    EncodingType: encodingType,
    StartAfter: startAfter === undefined ? undefined : encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: page.isTruncated ? makeToken(page.last) : undefined,
    KeyCount: page.keys.length + page.commonPrefixes.length,
    IsTruncated: page.isTruncated,
    // A key may be deleted between listing and reading.
    Contents: records
      .filter((record) => record !== undefined)
      .map((record) => ({
        Key: encode(record.key),
        LastModified: record.lastModified,
        ETag: etagOf(record),
        Type: objectType(record),
        Size: record.size,
        StorageClass: 'Standard',
      })),
    CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: encode(common) })),
  };
  return xmlReply(200, xmlDocument('ListBucketResult', result));
}

function readMaxKeys(text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 1000) return Number(text);
  throw invalid('max-keys', text);
}

function makeToken(last: string): string {
  return Buffer.from(last).toString('base64url');
}

function readToken(token: string): string {
  const last = Buffer.from(token, 'base64url').toString();
  if (makeToken(last) !== token) throw invalid('continuation-token', token);
  return last;
}

function invalid(name: string, value: string | undefined): OssError {
  const fields = { ArgumentName: name, ArgumentValue: value ?? '' };
  return new OssError('InvalidArgument', `The parameter ${name} is invalid.`, undefined, fields);
}
