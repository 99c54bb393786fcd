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
  const { size } = record;
  const range = readRange(sent['range'], size, sent['x-oss-range-behavior'] === 'standard');
  // The body of an appendable object may be longer while a request appends to it.
  const { start, end } = range ?? { start: 0, end: Math.max(size - 1, 0) };
  const headers = objectHeaders(record);
  headers['content-length'] = String(range ? end - start + 1 : size);
  if (range) headers['content-range'] = `bytes ${start}-${end}/${size}`;
  return { status: range ? 206 : 200, headers, body: file.createReadStream({ start, end }) };
}

/** Byte offsets, both inclusive. */
type Range = { start: number; end: number };

/**
 * The requested part of `size` bytes, the first of several. `undefined` for the whole object, which OSS also sends for a range that
 * is not entirely within it. `x-oss-range-behavior: standard` asks for the bytes that exist instead, and for a 416 if none do.
 */
function readRange(header: string | undefined, size: number, standard: boolean): Range | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)(,.*)?$/.exec(header?.trim() ?? '') ?? [];
  const start = first ? Number(first) : size - Number(last);
  const end = first && last ? Number(last) : size - 1;
  if ((!first && !last) || (first && last && end < start)) return undefined;
  const isWithin = start >= 0 && start <= end && end < size;
  if (!isWithin && !standard) return undefined;
  const range = { start: Math.max(start, 0), end: Math.min(end, size - 1) };
  if (range.start <= range.end) return range;
  const fields = { ActualObjectSize: String(size), RangeHeader: String(header) };
  throw new OssError('InvalidRange', 'The requested range cannot be satisfied', undefined, fields);
}

export function noSuchKey(key: string): OssError {
  return new OssError('NoSuchKey', 'The specified key does not exist.', '0026-00000001', { Key: key });
}
