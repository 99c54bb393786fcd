import { createHash } from 'node:crypto';
import { encodeStrictly } from '../http/encoding.js';
import { OssError } from '../http/errors.js';
import { type Reply, xmlReply } from '../http/reply.js';
import { chunksOf } from '../http/request.js';
import { unescapeXml, xmlDocument } from '../http/xml.js';
import { tooLarge } from '../store/receive.js';
import { checkKey } from './check-key.js';
import { digestCheck } from './content-md5.js';
import type { BucketRequest, Context } from './context.js';

const maxKeys = 1000;
/** Fits 1000 keys of 1023 bytes, each byte escaped to at most six characters. */
const maxBodyBytes = 8 * 1024 ** 2;

export async function deleteMultipleObjects(request: BucketRequest, { store }: Context): Promise<Reply> {
  const { keys, quiet } = parse(await readBody(request));
  keys.forEach(checkKey);
  for (const key of keys) await store.delete(request.bucket, key);
  const encodingType = request.query.get('encoding-type') || undefined;
  const encode = encodingType === 'url' ? encodeStrictly : (key: string) => key;
  const deleted = quiet ? [] : keys.map((key) => ({ Key: encode(key) }));
  return xmlReply(200, xmlDocument('DeleteResult', { EncodingType: encodingType, Deleted: deleted }));
}

async function readBody({ body, headers }: BucketRequest): Promise<string> {
  const check = digestCheck(headers['content-md5']);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(body)) {
    size += chunk.length;
    if (size > maxBodyBytes) throw tooLarge(maxBodyBytes);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  check({ md5: createHash('md5').update(bytes).digest('hex').toUpperCase() });
  return bytes.toString('utf8');
}

/** Parses the documented request body. Versions are not supported. @throws OssError */
function parse(xml: string): { keys: string[]; quiet: boolean } {
  if (!/<Delete[\s>][\s\S]*<\/Delete>\s*$/.test(xml)) throw malformed();
  const objects = [...xml.matchAll(/<Object>([\s\S]*?)<\/Object>/g)].map((match) => match[1] ?? '');
  if (objects.some((object) => object.includes('<VersionId>'))) {
    throw new OssError('NotImplemented', 'Deleting versions is not implemented by the local OSS.');
  }
  const keys = objects.map((object) => /<Key>([\s\S]+?)<\/Key>/.exec(object)?.[1]);
  if (keys.length === 0 || keys.length > maxKeys || !keys.every((key) => key !== undefined))
    throw malformed();
  return { keys: keys.map(unescapeXml), quiet: /<Quiet>\s*true\s*<\/Quiet>/.test(xml) };
}

function malformed(): OssError {
  const message =
    'The XML you provided was not well-formed or did not validate against our published schema.';
  return new OssError('MalformedXML', message);
}
