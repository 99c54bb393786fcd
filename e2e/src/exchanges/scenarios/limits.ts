import { expect } from 'vitest';
import { openRaw, requestHead } from '../../harness/raw-http.js';
import { PNG } from '../pictures.js';
import type { Recording } from '../recording.js';
import type { ExchangeStack } from '../stage.js';

const IMAGES = 'POST /v1/images';
const BATCHES = 'POST /v1/batches';
const ROW = '{"url":"http://127.0.0.1:1/1.jpg"}\n';

/** Each limit of an owner, beside another owner within its limits. */
export async function recordLimits(stack: ExchangeStack, { send, sendInBoth }: Recording): Promise<void> {
  const rows = (as: string, body: string) => ({
    as,
    headers: { 'Content-Type': 'application/x-ndjson' },
    body,
  });

  for (const n of ['first', 'second']) await send(`the ${n} POST`, IMAGES, { as: 'fewPosts', body: PNG });
  await sendInBoth('one POST too many', IMAGES, { as: 'fewPosts', body: PNG });
  await sendInBoth('one DELETE too many', 'DELETE /v1/images/none', { as: 'fewPosts' });
  await send('a GET of the same owner', 'GET /v1/images?limit=1', { as: 'fewPosts' });
  for (const n of ['first', 'second']) await send(`the ${n} GET`, 'GET /v1/batches', { as: 'fewGets' });
  await sendInBoth('one GET too many', 'GET /v1/batches', { as: 'fewGets' });
  await send('one HEAD too many', 'HEAD /v1/batches', { as: 'fewGets' });
  await send('a POST of another owner', IMAGES, { body: PNG });

  await send('the only image on record', IMAGES, { as: 'oneRecord', body: PNG });
  await sendInBoth('one image on record too many', IMAGES, { as: 'oneRecord', body: PNG });
  await sendInBoth('a batch beside the only image', BATCHES, rows('oneRecord', ROW));
  await send('the only waiting image', IMAGES, { as: 'oneWaiting', body: PNG });
  await sendInBoth('one waiting image too many', IMAGES, { as: 'oneWaiting', body: PNG });
  await sendInBoth('two items in an hour', BATCHES, rows('oneItem', ROW + ROW));
  await send('the only item in an hour', BATCHES, rows('oneItem', ROW));
  await sendInBoth('one item in an hour too many', BATCHES, rows('oneItem', ROW));
  await send('the only open batch', BATCHES, rows('oneBatch', ROW));
  await sendInBoth('one open batch too many', BATCHES, rows('oneBatch', ROW));
  await send('a dry run beside it', `${BATCHES}?dryRun=true`, rows('oneBatch', ROW));

  const { body } = await send('an image to wait for', IMAGES, { as: 'oneWait', body: PNG });
  const key = { Authorization: 'Bearer key-of-the-owner-oneWait', Prefer: 'wait=60' };
  const waiting = await hold(stack, 'waits:oneWait', requestHead('GET', `/v1/images/${body.id}`, key));
  const prefer = { as: 'oneWait', headers: { Prefer: 'wait=60' } };
  await sendInBoth('one wait too many', `GET /v1/images/${body.id}`, prefer);
  await send('an image without its wait', IMAGES, { ...prefer, body: PNG });
  waiting.socket.destroy();

  const upload = { Authorization: 'Bearer key-of-the-owner-oneUpload', 'Content-Length': '1000' };
  const sending = await hold(
    stack,
    'uploads:oneUpload',
    requestHead('POST', '/v1/images', upload),
    PNG.bytes,
  );
  await sendInBoth('one body too many', IMAGES, { as: 'oneUpload', body: PNG });
  await send('no body', 'DELETE /v1/images/none', { as: 'oneUpload' });
  sending.socket.destroy();
}

/** Sends a request that occupies one of an owner's slots, and waits until it counts. */
async function hold({ api, redis }: ExchangeStack, held: string, ...chunks: (string | Uint8Array)[]) {
  const connection = await openRaw(api.url);
  await connection.send(...chunks);
  await expect.poll(() => redis.cli('zcard', `{pixdock}:held:${held}`), { timeout: 10_000 }).toBe('1');
  return connection;
}
