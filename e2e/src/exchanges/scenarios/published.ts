import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import {
  ANIMATED,
  CORRUPT,
  GIF,
  JPEG,
  LABELLED,
  OTHER_JPEG,
  PNG,
  PROGRESSIVE,
  TRUNCATED,
  WEBP,
  WIDE,
} from '../pictures.js';
import type { NamedBytes, Recording, Sending } from '../recording.js';
import type { ExchangeStack } from '../stage.js';

const WAIT = { Prefer: 'wait=60' };

/** Images that a worker finishes. */
export async function recordPublished(stack: ExchangeStack, recording: Recording): Promise<void> {
  const { send, sendInBoth, settle } = recording;
  const bytes = (body: NamedBytes): Sending => ({ headers: WAIT, body });
  const address = (source: string, more: object = {}): Sending => ({
    headers: { ...WAIT, 'Content-Type': 'application/json' },
    body: JSON.stringify({ url: source.startsWith('/') ? `${stack.source.url}${source}` : source, ...more }),
  });
  const { body: image } = await send('a PNG', 'POST /v1/images?externalId=a', bytes(PNG));
  for (const [name, query, body] of [
    ['a JPEG', 'profile=compact', JPEG],
    ['a WebP', '', WEBP],
    ['a GIF', '', GIF],
    ['an avatar', 'profile=avatar', OTHER_JPEG],
    ['a label of AI-generated content', '', LABELLED],
  ] as const)
    await send(name, `POST /v1/images${query === '' ? '' : `?${query}`}`, bytes(body));
  const { body: imported } = await send(
    'an address',
    'POST /v1/images',
    address('/image/jpeg', { externalId: 'b' }),
  );
  const path = `/v1/images/${image.id}`;
  await send('read', `GET ${path}`);
  await send('read by HEAD', `HEAD ${path}`);
  await send('wait for what is final', `GET ${path}`, { headers: WAIT });
  await send('If-None-Match: *', `GET ${path}`, { headers: { 'If-None-Match': '*' } });
  await send('If-None-Match of an older version', `GET ${path}`, {
    headers: { 'If-None-Match': '"1"', ...WAIT },
  });
  await sendInBoth('retry', `POST ${path}/retry`);
  await sendInBoth('sign a public image', `POST ${path}/sign`);

  const once = { ...WAIT, 'Idempotency-Key': 'published' };
  await send('with a key', 'POST /v1/images', { headers: once, body: JPEG });
  await send('its repeat', 'POST /v1/images', { headers: once, body: JPEG });

  for (const [name, query, body] of [
    ['image_corrupt', '', CORRUPT],
    ['image_truncated', '', TRUNCATED],
    ['image_too_large', '', WIDE],
    ['too_many_frames', '', ANIMATED],
    ['image_too_complex', '', PROGRESSIVE],
    ['image_too_small', '?profile=large', PNG],
    ['aspect_mismatch', '?profile=square', JPEG],
  ] as const)
    await recordFailure(recording, name, `POST /v1/images${query}`, bytes(body));
  for (const [name, source, more] of [
    ['heic_unsupported', '/image/heic', {}],
    ['unsupported_media_type', '/echo', {}],
    ['source_forbidden', 'http://127.0.0.1:2/', {}],
    ['source_not_found', '/status/404', {}],
    ['source_denied', '/status/403', {}],
    ['source_unreachable', '/redirect', {}],
    ['source_too_large', '/lie?length=1000000', {}],
    ['digest_mismatch', '/image/png', { sha256: '0'.repeat(64) }],
  ] as const)
    await recordFailure(recording, `${name} of an address`, 'POST /v1/images', address(source, more));

  await send('a failure in Chinese', 'POST /v1/images', {
    headers: { ...WAIT, 'Accept-Language': 'zh' },
    body: CORRUPT,
  });
  const failed = (
    await send('a failure to retry', 'POST /v1/images', {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ url: `${stack.source.url}/flaky/png?fails=1&status=404` }),
    })
  ).body.id;
  await settle(`/v1/images/${failed}`);
  await sendInBoth('read a failure', `GET /v1/images/${failed}`);
  await send('retry a failure', `POST /v1/images/${failed}/retry`);
  await settle(`/v1/images/${failed}`);
  await send('read what was retried', `GET /v1/images/${failed}`);

  const lost = (await send('a failure to lose', 'POST /v1/images', { body: CORRUPT })).body.id;
  await settle(`/v1/images/${lost}`);
  await send('retry a failure and wait', `POST /v1/images/${lost}/retry?wait=60`);
  await rm(stagingLayout(stack.dataDir).source(lost));
  await sendInBoth('retry without the source', `POST /v1/images/${lost}/retry`);

  const digest = createHash('sha256').update(PNG.bytes).digest('hex');
  const json = { 'Content-Type': 'application/json' };
  const lookup = {
    headers: json,
    body: JSON.stringify({ sha256: [digest, digest.toUpperCase(), '0'.repeat(64)] }),
  };
  await send('look up', 'POST /v1/images/lookup', lookup);
  await send("look up another owner's image", 'POST /v1/images/lookup', { ...lookup, as: 'other' });
  await send('list', 'GET /v1/images?status=published&externalId=a');
  await send('list by label', 'GET /v1/images?aiLabel=ai');
  await send('list by a wrong label', 'GET /v1/images?aiLabel=1');

  const events = `GET /v1/images/${lost}/events`;
  await sendInBoth('stream a failure', events);
  await send('resume the stream of a failure', events, { headers: { 'Last-Event-ID': '999999999999' } });
  await send('HEAD of a stream', events.replace('GET', 'HEAD'));
  await send('stream everything, for half a second', 'GET /v1/events');
  await sendInBoth("stream another owner's image", events, { as: 'other' });

  await send('delete', `DELETE /v1/images/${imported.id}`);
  await settle(`/v1/images/${imported.id}`, 'deleted');
  await send('read a deleted image', `GET /v1/images/${imported.id}`);
  await send('delete a deleted image', `DELETE /v1/images/${imported.id}`);
}

/** A failing image: the responses to a request that waits and to a later read. */
async function recordFailure({ send, sendInBoth }: Recording, name: string, line: string, sending: Sending) {
  const { headers } = await send(name, line, sending);
  await sendInBoth(`${name}, read`, `GET ${headers.location}`);
}
