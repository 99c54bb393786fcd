import { OssError } from '../http/errors.js';
import type { Reply } from '../http/reply.js';
import type { OpenObject } from '../store/disk-store.js';
import { unmetCondition } from './conditions.js';
import type { Context, ObjectRequest } from './context.js';
import { objectHeaders } from './object-headers.js';

export async function getObject(request: ObjectRequest, { store }: Context): Promise<Reply> {
  const object = await store.open(request.bucket, request.key);
  if (!object) throw noSuchKey(request.key);
  try {
    const unmet = unmetCondition(request.headers, object.record);
    if (!unmet) return contentReply(object, request);
    await object.file.close();
    return unmet;
  } catch (error) {
    await object.file.close();
    throw error;
  }
}

export async function headObject(request: ObjectRequest, { store }: Context): Promise<Reply> {
  const record = await store.read(request.bucket, request.key);
  if (!record) throw noSuchKey(request.key);
  const headers = { ...objectHeaders(record), 'content-length': String(record.size) };
  return unmetCondition(request.headers, record) ?? { status: 200, headers };
}

function contentReply({ record, file }: OpenObject, { headers: sent }: ObjectRequest): Reply {
  const range = readRange(sent['range'], record.size, sent['x-oss-range-behavior'] === 'standard');
  const headers = objectHeaders(record);
  if (!range) {
    headers['content-length'] = String(record.size);
    return { status: 200, headers, body: file.createReadStream() };
  }
  headers['content-length'] = String(range.end - range.start + 1);
  headers['content-range'] = `bytes ${range.start}-${range.end}/${record.size}`;
  return { status: 206, headers, body: file.createReadStream(range) };
}

/** Byte offsets, both inclusive. */
type Range = { start: number; end: number };

/**
 * The requested part of `size` bytes, or `undefined` for the whole object. OSS also sends the whole object for a range that
 * it cannot satisfy, unless the request has `x-oss-range-behavior: standard`, which asks for a 416.
 */
function readRange(header: string | undefined, size: number, standard: boolean): Range | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (!first && !last) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  if (first && last && Number(last) < start) return undefined;
  if (start <= end) return { start, end };
  if (!standard) return undefined;
  const fields = { ActualObjectSize: String(size), RangeHeader: String(header) };
  throw new OssError('InvalidRange', 'The requested range cannot be satisfied', undefined, fields);
}

function noSuchKey(key: string): OssError {
  return new OssError('NoSuchKey', 'The specified key does not exist.', '0026-00000001', { Key: key });
}
