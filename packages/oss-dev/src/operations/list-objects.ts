import { encodeStrictly } from '../http/encoding.js';
import { OssError } from '../http/errors.js';
import type { Query } from '../http/query.js';
import { type Reply, xmlReply } from '../http/reply.js';
import { type XmlFields, xmlDocument } from '../http/xml.js';
import type { Store } from '../store/disk-store.js';
import { etagOf } from '../store/object-record.js';
import type { BucketRequest, Context } from './context.js';
import { listPage, type Page } from './list-page.js';

/** ListObjectsV2: pages by `continuation-token`, which takes precedence over `start-after`. */
export async function listObjectsV2({ bucket, query }: BucketRequest, { store }: Context): Promise<Reply> {
  if (query.get('list-type') !== '2') throw invalid('list-type', query.get('list-type'));
  const options = readListOptions(query);
  const { encode } = options;
  const startAfter = query.get('start-after');
  const token = query.get('continuation-token') || undefined;
  const after = token === undefined ? (startAfter ?? '') : readToken(token);
  const page = listPage(await store.keys(bucket), { ...options, after });
  return listing(bucket, options, {
    StartAfter: startAfter === undefined ? undefined : encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: page.isTruncated ? makeToken(page.last) : undefined,
    KeyCount: page.keys.length + page.commonPrefixes.length,
    ...(await contents(store, bucket, page, encode)),
  });
}

type ListOptions = ReturnType<typeof readListOptions>;

function readListOptions(query: Query) {
  const maxKeys = query.get('max-keys') || '100';
  if (!/^\d+$/.test(maxKeys) || Number(maxKeys) < 1 || Number(maxKeys) > 1000)
    throw invalid('max-keys', maxKeys);
  const encodingType = query.get('encoding-type') || undefined;
  if (encodingType !== undefined && encodingType !== 'url') throw invalid('encoding-type', encodingType);
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: Number(maxKeys),
    encodingType,
    encode: encodingType ? encodeStrictly : (text: string) => text,
  };
}

function listing(bucket: string, options: ListOptions, rest: XmlFields): Reply {
  const xml = xmlDocument('ListBucketResult', {
    Name: bucket,
    Prefix: options.encode(options.prefix),
    MaxKeys: options.maxKeys,
    Delimiter: options.encode(options.delimiter),
    EncodingType: options.encodingType,
    ...rest,
  });
  return xmlReply(200, xml);
}

async function contents(store: Store, bucket: string, page: Page, encode: ListOptions['encode']) {
  const records = await Promise.all(page.keys.map((key) => store.read(bucket, key)));
  // A key may be deleted between listing and reading.
  const present = records.filter((record) => record !== undefined);
  return {
    IsTruncated: page.isTruncated,
    Contents: present.map((record) => ({
      Key: encode(record.key),
      LastModified: record.lastModified,
      ETag: etagOf(record),
      Type: 'Normal',
      Size: record.size,
      StorageClass: 'Standard',
    })),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
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
