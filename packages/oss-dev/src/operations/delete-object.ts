import type { Reply } from '../http/reply.js';
import type { Context, ObjectRequest } from './context.js';

export async function deleteObject(request: ObjectRequest, { store }: Context): Promise<Reply> {
  await store.delete(request.bucket, request.key);
  return { status: 204, headers: {} };
}
