import { PNG } from '../pictures.js';
import type { Recording } from '../recording.js';

/** Requests while Redis is unreachable. */
export async function recordWithoutRedis({ send, sendInBoth }: Recording): Promise<void> {
  await send('alive', 'GET /livez', { as: null });
  await sendInBoth('not ready', 'GET /readyz', { as: null });
  await sendInBoth('submit', 'POST /v1/images', { body: PNG });
  await sendInBoth('list', 'GET /v1/images');
  await sendInBoth('read', `GET /v1/images/img_${'0'.repeat(32)}`);
}
