import { JPEG, PNG } from '../pictures.js';
import type { Recording } from '../recording.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Queued images: read, wait, list, look up, delete. */
export async function recordReading({ send, sendInBoth }: Recording): Promise<void> {
  const submit = async (name: string, externalId: string) =>
    (await send(`submit ${name}`, `POST /v1/images?externalId=${externalId}`, { body: PNG })).body.id;
  const first = await submit('the first image', 'a');
  const second = await submit('the second image', 'b');
  const third = await submit('the third image', 'a');
  const image = `/v1/images/${first}`;

  await sendInBoth('read', `GET ${image}`);
  await send('read by HEAD', `HEAD ${image}`);
  for (const tag of ['"1"', 'W/"1"', '"9", W/"1"', '*', '"2"', '1'])
    await send(`If-None-Match: ${tag}`, `GET ${image}`, { headers: { 'If-None-Match': tag } });
  await send('HEAD with If-None-Match', `HEAD ${image}`, { headers: { 'If-None-Match': '"1"' } });
  for (const wait of ['wait=0', 'wait=1', 'respond-async, wait="1"', 'wait=-1', 'return=minimal'])
    await send(`Prefer: ${wait}`, `GET ${image}`, { headers: { Prefer: wait } });
  await send('wait in the query', `GET ${image}?wait=1`);
  await sendInBoth('wait in the query for no number', `GET ${image}?wait=soon`);
  await sendInBoth('an unknown parameter beside wait', `GET ${image}?wait=1&a=1`);
  const same = { 'If-None-Match': '"1"', Prefer: 'wait=1' };
  await send('wait for a change that does not come', `GET ${image}`, { headers: same });
  const other = { 'If-None-Match': '"7"', Prefer: 'wait=60' };
  await send('wait for a change that has come', `GET ${image}`, { headers: other });
  await send('submit and wait', 'POST /v1/images', { headers: { Prefer: 'wait=1' }, body: JPEG });

  await send('list', 'GET /v1/images');
  const { body: page } = await send('the first page', 'GET /v1/images?limit=3');
  await send('the next page', `GET /v1/images?limit=3&cursor=${encodeURIComponent(page.next ?? '')}`);
  for (const query of LISTS) await send(`list ${query}`, `GET /v1/images?${query}`);
  for (const query of WRONG_LISTS) await sendInBoth(`list ${query.slice(0, 40)}`, `GET /v1/images?${query}`);
  await send('list by HEAD', 'HEAD /v1/images');
  await send('list profiles', 'GET /v1/profiles');
  await sendInBoth('list profiles with a parameter', 'GET /v1/profiles?limit=1');

  const lookup = (sha256: unknown) => ({ headers: JSON_TYPE, body: JSON.stringify({ sha256 }) });
  await send('look up nothing', 'POST /v1/images/lookup', lookup([]));
  await send('look up an image that is not published', 'POST /v1/images/lookup', lookup(['0'.repeat(64)]));
  for (const [name, value] of Object.entries({
    'a short digest': ['abc'],
    text: 'abc',
    'no list': undefined,
  }))
    await sendInBoth(`look up ${name}`, 'POST /v1/images/lookup', lookup(value));
  await sendInBoth('look up broken JSON', 'POST /v1/images/lookup', { headers: JSON_TYPE, body: '{' });
  await sendInBoth('look up an unknown member', 'POST /v1/images/lookup', {
    headers: JSON_TYPE,
    body: '{"sha256":[],"a":1}',
  });
  await sendInBoth('look up too much', 'POST /v1/images/lookup', lookup('x'.repeat(140_000)));

  await sendInBoth('retry an image that has not failed', `POST ${image}/retry`);
  for (const [name, path] of Object.entries({
    'an unknown image': `/v1/images/img_${'0'.repeat(32)}`,
    'no id': '/v1/images/none',
  })) {
    await sendInBoth(`read ${name}`, `GET ${path}`);
    await send(`delete ${name}`, `DELETE ${path}`);
    await send(`retry ${name}`, `POST ${path}/retry`);
  }
  await sendInBoth("read another owner's image", `GET ${image}`, { as: 'other' });
  await send("delete another owner's image", `DELETE ${image}`, { as: 'other' });
  await send("retry another owner's image", `POST ${image}/retry`, { as: 'other' });

  const json = (body: unknown) => ({ headers: JSON_TYPE, body: JSON.stringify(body) });
  await send('keep an image without a time', `POST ${image}/keep`);
  await send('delete', `DELETE /v1/images/${second}`);
  await sendInBoth('keep a deleted image', `POST /v1/images/${second}/keep`);
  await send('keep images', 'POST /v1/images/keep', json({ ids: [third, second, `img_${'0'.repeat(32)}`] }));
  await sendInBoth('keep no images', 'POST /v1/images/keep', json({ ids: [] }));
  await sendInBoth('delete again', `DELETE /v1/images/${second}`);
  await send('read a deleted image', `GET /v1/images/${second}`);
  await sendInBoth('retry a deleted image', `POST /v1/images/${second}/retry`);
  await send('delete by externalId', 'POST /v1/images/delete', json({ externalId: 'a' }));
  await send('delete by externalId again', 'POST /v1/images/delete', json({ externalId: 'a' }));
  await send('delete an unknown externalId', 'POST /v1/images/delete', json({ externalId: 'none' }));
  for (const [name, body] of Object.entries({
    'no externalId': {},
    'a null externalId': { externalId: null },
    'an empty externalId': { externalId: '' },
    'a long externalId': { externalId: 'x'.repeat(257) },
    'a number as externalId': { externalId: 7 },
    'an unknown member': { externalId: 'a', status: 'failed' },
    'a misspelled member': { externalID: 'a' },
    'a wrong cursor': { externalId: 'a', cursor: 'x' },
  }))
    await sendInBoth(`delete by ${name}`, 'POST /v1/images/delete', json(body));
  await send('delete with an empty object', `DELETE /v1/images/${third}`, { body: '{}' });
}

const LISTS = [
  'status=queued&limit=1',
  'code=image_truncated',
  'since=2026-01-05T08:00:00Z&limit=1',
  'until=2026-01-05T08:00:00%2B08:00',
  'status=published',
  'externalId=a',
  'externalId=none',
  'externalIdPrefix=B',
  'filenamePrefix=none',
  'batchId=none',
];
const WRONG_LISTS = [
  'limit=0',
  'limit=101',
  'limit=x',
  'limit=1&limit=2',
  'status=done',
  'code=none',
  'since=yesterday',
  'until=2026-01-05',
  'cursor=none',
  'externalId=',
  `externalId=${'x'.repeat(257)}`,
  'externalIdPrefix=',
  'metadata.color=red',
  'colour=red',
];
