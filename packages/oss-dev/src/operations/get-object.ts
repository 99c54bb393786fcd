import type { Reply } from '../http/reply.js';
import type { OpenObject } from '../store/disk-store.js';

import { unmetCondition } from './conditions.js';
import type { Context, ObjectRequest } from './context.js';
import { noSuchKey } from './no-such-key.js';
import { objectHeaders } from './object-headers.js';
import { readRange } from './range.js';

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
