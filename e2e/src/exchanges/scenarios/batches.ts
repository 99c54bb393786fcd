import { zipOf } from '../../batch/zip.js';
import { BOUNDARY, fieldPart, form, part } from '../../harness/raw-http.js';
import { JPEG, PNG } from '../pictures.js';
import type { Recording, Sending } from '../recording.js';

const BATCHES = 'POST /v1/batches';
const typed = (type: string, body: Sending['body'] & {}): Sending => ({
  headers: { 'Content-Type': type },
  body,
});
export const json = (items: unknown) => typed('application/json', JSON.stringify({ items }));
const named = (name: string) => typed('application/json', JSON.stringify({ name }));
const ndjson = (body: string) => typed('application/x-ndjson', body);
export const csv = (body: string) => typed('text/csv', body);
export const zip = (name: string, entries: Record<string, Uint8Array>) =>
  typed('application/zip', { name, bytes: zipOf(entries) });
export function files(name: string, ...parts: Buffer[]): Sending {
  return typed(`multipart/form-data; boundary=${BOUNDARY}`, { name, bytes: form(...parts) });
}
export const file = (content: Uint8Array, filename: string) =>
  part(`form-data; name="file"; filename="${filename}"`, content);

const URL_ROW = '{"url":"http://127.0.0.1:1/1.jpg"}\n';
const FORMS: Record<string, Sending> = {
  JSON: json([
    { url: 'http://127.0.0.1:1/1.jpg', externalId: 'a', metadata: { album: '7' } },
    { url: 'none' },
  ]),
  NDJSON: ndjson('{"url":"http://127.0.0.1:1/1.jpg","externalId":"a"}\n\n{"link":1}\nnot JSON\n'),
  CSV: csv('url,externalId,title\r\nhttp://127.0.0.1:1/1.jpg,a,A\r\nnone,b,"B, or c"\r\n'),
  ZIP: zip('a ZIP of a.jpg, b/c.png and note.txt', {
    'a.jpg': JPEG.bytes,
    'b/c.png': PNG.bytes,
    'note.txt': Buffer.from('text'),
  }),
  files: files(
    'a form of a.jpg, c.png and note.txt',
    file(JPEG.bytes, 'a.jpg'),
    file(PNG.bytes, 'c.png'),
    file(Buffer.from('text'), 'note.txt'),
  ),
};

/** Queued batches: submit, dry run, refuse, read, cancel, delete. */
export async function recordBatches({ send, sendInBoth }: Recording): Promise<void> {
  for (const [name, sending] of Object.entries(FORMS)) {
    await sendInBoth(`try ${name}`, `${BATCHES}?dryRun=true`, sending);
    await send(`submit ${name}`, BATCHES, sending);
  }
  const mapped = `columns=${encodeURIComponent('主图:url,编号:externalId')}`;
  const chinese = csv('编号,主图\r\na,http://127.0.0.1:1/1.jpg\r\n');
  await sendInBoth('try columns of other names', `${BATCHES}?dryRun=true&${mapped}`, chinese);
  await send('preview a sheet', `${BATCHES}/preview`, chinese);
  await sendInBoth('preview without a header row', `${BATCHES}/preview`, csv('\n'));
  await sendInBoth('preview NDJSON', `${BATCHES}/preview`, ndjson(URL_ROW));
  const { body } = await send(
    'submit columns of other names',
    `${BATCHES}?${mapped}&profile=compact`,
    chinese,
  );
  await send('submit and wait', BATCHES, {
    ...ndjson(URL_ROW),
    headers: { ...ndjson('').headers, Prefer: 'wait=1' },
  });
  await send('submit and wait by the query', `${BATCHES}?wait=0`, ndjson(URL_ROW));
  const bundle = files(
    'a file of another name, and a field',
    fieldPart('colour', 'red'),
    part('form-data; name="files[]"; filename="a.jpg"', JPEG.bytes),
  );
  await sendInBoth('try a form as clients send it', `${BATCHES}?dryRun=true`, bundle);
  await send('submit a form as clients send it', BATCHES, bundle);
  for (const [name, [query, sending]] of Object.entries(REFUSED))
    await sendInBoth(`refused: ${name}`, `${BATCHES}${query}`, sending);
  await sendInBoth('refused: more than the limit', BATCHES, declared(3 * 1024 ** 3));
  await sendInBoth('refused: more than staging has', BATCHES, declared(1024 ** 3));

  const batch = `/v1/batches/${body.id}`;
  await send('read', `GET ${batch}`);
  await send('read by HEAD', `HEAD ${batch}`);
  for (const tag of ['"1"', '"2"'])
    await send(`If-None-Match: ${tag}`, `GET ${batch}`, { headers: { 'If-None-Match': tag } });
  await send('wait in the query', `GET ${batch}?wait=0`);
  await sendInBoth('wait in the query for no number', `GET ${batch}?wait=soon`);
  await send('wait', `GET ${batch}`, { headers: { Prefer: 'wait=1' } });
  await send('wait for a change', `GET ${batch}`, { headers: { Prefer: 'wait=1', 'If-None-Match': '"1"' } });
  await send('items', `GET ${batch}/items`);
  await send('items by HEAD', `HEAD ${batch}/items`);
  for (const extension of ['csv', 'ndjson']) {
    await sendInBoth(`report.${extension}`, `GET ${batch}/report.${extension}`);
    await send(`report.${extension} by HEAD`, `HEAD ${batch}/report.${extension}`);
  }
  await sendInBoth('report.xlsx of a batch without a workbook', `GET ${batch}/report.xlsx`);
  const { body: page } = await send('list', 'GET /v1/batches?limit=2');
  await send('the next page', `GET /v1/batches?limit=2&cursor=${encodeURIComponent(page.next ?? '')}`);
  for (const query of ['limit=0', 'cursor=none', 'status=running'])
    await sendInBoth(`list ${query}`, `GET /v1/batches?${query}`);
  for (const query of [
    'limit=0',
    'cursor=none',
    'status=done',
    'code=none',
    'status=failed&code=canceled',
    'a=1',
  ])
    await sendInBoth(`items ${query}`, `GET ${batch}/items?${query}`);
  await sendInBoth('retry of a batch without failures', `POST ${batch}/retry`);
  await sendInBoth('retry of an unknown code', `POST ${batch}/retry?code=none`);
  await sendInBoth(
    'retry of an unknown code in JSON',
    `POST ${batch}/retry`,
    typed('application/json', '{"code":"none"}'),
  );
  await sendInBoth('retry of broken JSON', `POST ${batch}/retry`, typed('application/json', '{'));

  const calls = [
    'GET @',
    'DELETE @',
    'POST @/cancel',
    'POST @/retry',
    'GET @/items',
    'GET @/report.csv',
    'GET @/report.ndjson',
    'GET @/report.xlsx',
  ];
  const unknown = `/v1/batches/bat_${'0'.repeat(32)}`;
  for (const call of calls) {
    await sendInBoth(`of an unknown batch: ${call}`, call.replace('@', unknown));
    await send(`of another owner's batch: ${call}`, call.replace('@', batch), { as: 'other' });
  }
  await send('name it', `PATCH ${batch}`, named('春季'));
  await sendInBoth('a name with a line break', `PATCH ${batch}`, named('a\nb'));
  await send('cancel', `POST ${batch}/cancel`);
  await send('cancel again', `POST ${batch}/cancel`);
  await send('delete', `DELETE ${batch}`);
  await send('delete again', `DELETE ${batch}`);
  await sendInBoth('retry of a deleted batch', `POST ${batch}/retry`);
}

/** Announces a body without sending it: the response comes first. */
const declared = (bytes: number): Sending => ({
  headers: { 'Content-Type': 'text/csv', 'Content-Length': String(bytes), Expect: '100-continue' },
});

const REFUSED: Record<string, [query: string, sending: Sending]> = {
  'an empty body': ['', ndjson('')],
  'blank lines': ['', ndjson('\n\n')],
  'no items': ['', json([])],
  'items that are not a list': ['', json('a')],
  'broken JSON': ['', typed('application/json', '{"items":[{"url"')],
  'a member beside items': ['', typed('application/json', '{"profile":"default","items":[]}')],
  'CSV without an address': ['', csv('a,b\r\n1,2\r\n')],
  'CSV with an open quote': ['', csv('url\r\n"http://127.0.0.1:1/1.jpg\r\n')],
  'CSV that is empty': ['', csv('')],
  'a charset that is unknown': ['', typed('text/csv; charset=none', 'url\r\n')],
  'a ZIP that is text': ['', typed('application/zip', { name: 'text', bytes: Buffer.from('text') })],
  'a ZIP that is empty': ['', zip('a ZIP of nothing', {})],
  'a form with an option': [
    '',
    files('a form of a file and a profile', file(JPEG.bytes, 'a.jpg'), fieldPart('profile', 'default')),
  ],
  'a time to wait that is not a number': ['?wait=soon', ndjson(URL_ROW)],
  'a form without files': ['', files('a form of a field', fieldPart('profile', 'default'))],
  'an unknown type': ['', typed('text/plain', 'a')],
  'no type': ['', { body: { name: 'text', bytes: Buffer.from('a') } }],
  'too many items': ['', ndjson(URL_ROW.repeat(6))],
  'an unknown profile': ['?profile=poster', ndjson(URL_ROW)],
  'an unknown parameter': ['?colour=red', ndjson(URL_ROW)],
  'a parameter twice': ['?profile=default&profile=default', ndjson(URL_ROW)],
  'columns beside NDJSON': ['?columns=a:url', ndjson(URL_ROW)],
  'columns without a field': ['?columns=a', csv('a\r\n1\r\n')],
  'columns of an unknown field': ['?columns=a:colour', csv('a\r\n1\r\n')],
  'columns that are not there': ['?columns=b:url', csv('a\r\n1\r\n')],
  'a dry run that is neither': ['?dryRun=yes', ndjson(URL_ROW)],
  ...withOtherMd5({
    rows: ndjson(URL_ROW),
    'a ZIP': zip('a ZIP of a.jpg', { 'a.jpg': JPEG.bytes }),
    'a form': files('a form of a.jpg', file(JPEG.bytes, 'a.jpg')),
  }),
};

function withOtherMd5(sendings: Record<string, Sending>): Record<string, [query: string, sending: Sending]> {
  const digest = { 'Content-MD5': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  return Object.fromEntries(
    Object.entries(sendings).map(([name, sending]) => [
      `${name} with another MD5`,
      ['', { ...sending, headers: { ...sending.headers, ...digest } }],
    ]),
  );
}
