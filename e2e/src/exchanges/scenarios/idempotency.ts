import { untilArriving } from '../../api/support.js';
import { openRaw, requestHead } from '../../harness/raw-http.js';
import { JPEG, PNG } from '../pictures.js';
import type { Recording, Sending } from '../recording.js';
import type { ExchangeStack } from '../stage.js';

/** Requests with an Idempotency-Key. */
export async function recordIdempotency(stack: ExchangeStack, recording: Recording): Promise<void> {
  const { send, sendInBoth } = recording;
  const key = (value: string, sending: Sending): Sending => ({
    ...sending,
    headers: { 'Idempotency-Key': value, ...sending.headers },
  });
  const images = 'POST /v1/images?externalId=a';
  await send('the first request', images, key('one', { body: PNG }));
  await sendInBoth('its repeat', images, key('"one"', { body: PNG }));
  await send('its repeat with a wait', images, key('one', { headers: { Prefer: 'wait=60' }, body: PNG }));
  await sendInBoth('other bytes', images, key('one', { body: JPEG }));
  await sendInBoth('another option', 'POST /v1/images?externalId=b', key('one', { body: PNG }));
  await send('the same key of another owner', images, key('one', { as: 'other', body: JPEG }));

  await sendInBoth(
    'a refused request',
    images,
    key('two', { body: { name: 'text', bytes: Buffer.from('text') } }),
  );
  await send('the key of a refused request', images, key('two', { body: PNG }));

  const json = { headers: { 'Content-Type': 'application/json' } };
  const address = { ...json, body: '{"url":"http://127.0.0.1:1/1.jpg","headers":{"Referer":"a"}}' };
  await send('an address', 'POST /v1/images', key('three', address));
  await send('the same address', 'POST /v1/images', key('three', address));
  const referer = { ...json, body: '{"url":"http://127.0.0.1:1/1.jpg","headers":{"Referer":"b"}}' };
  await sendInBoth('the same address with another header', 'POST /v1/images', key('three', referer));

  const rows = {
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: '{"url":"http://127.0.0.1:1/1.jpg"}\n',
  };
  await send('a batch', 'POST /v1/batches', key('four', rows));
  await send('the same batch', 'POST /v1/batches', key('four', rows));
  await sendInBoth('another profile of the batch', 'POST /v1/batches?profile=compact', key('four', rows));
  const list = { ...json, body: '{"items":[{"url":"http://127.0.0.1:1/1.jpg"}]}' };
  await send('the same batch as JSON', 'POST /v1/batches', key('four', list));

  for (const wrong of ['', '""', 'k'.repeat(256), 'a\tb'])
    await sendInBoth(`the key ${JSON.stringify(wrong).slice(0, 12)}`, images, key(wrong, { body: PNG }));
  await send('255 characters', images, key('k'.repeat(255), { body: PNG }));

  const unfinished = await openRaw(stack.api.url);
  const headers = {
    Authorization: 'Bearer key-of-the-owner-repeater',
    'Idempotency-Key': 'five',
    'Content-Length': '1000',
  };
  await unfinished.send(requestHead('POST', '/v1/images', headers), PNG.bytes);
  await untilArriving(stack, 1);
  await sendInBoth('while the first request is in progress', images, key('five', { body: PNG }));
  unfinished.socket.destroy();
  await unfinished.closed;
  await untilArriving(stack, 0);
}
