import { until } from '../../harness/client.js';
import { JPEG, PNG } from '../pictures.js';
import type { Recording } from '../recording.js';
import type { ExchangeStack } from '../stage.js';
import { csv, file, files, json, zip } from './batches.js';

const BATCHES = 'POST /v1/batches';
const TEXT = Buffer.from('text');

/** Batches that a worker finishes. */
export async function recordFinishedBatches(stack: ExchangeStack, recording: Recording): Promise<void> {
  const { send, sendInBoth, settle } = recording;
  const { url } = stack.source;
  const submit = async (name: string, sending: Parameters<typeof send>[2]) => {
    const { body } = await send(`submit ${name}`, BATCHES, sending);
    await settle(`/v1/batches/${body.id}`);
    return `/v1/batches/${body.id}`;
  };

  const rows = [
    { url: `${url}/image/png/1`, externalId: 'a' },
    { url: `${url}/flaky/jpeg?fails=1&status=404`, externalId: 'b' },
    { url: 'none', externalId: 'c' },
    { url: `${url}/status/403`, profile: 'compact' },
  ];
  const batch = await submit('JSON', json(rows));
  await send('read', `GET ${batch}`);
  await send('wait for what is final', `GET ${batch}`, { headers: { Prefer: 'wait=60' } });
  await send('If-None-Match: *', `GET ${batch}`, { headers: { 'If-None-Match': '*' } });
  await sendInBoth('items', `GET ${batch}/items`);
  await send('the first items', `GET ${batch}/items?limit=1`);
  await send('the next items', `GET ${batch}/items?limit=1&cursor=1`);
  for (const query of [
    'status=published',
    'status=failed',
    'code=invalid_row',
    'code=source_denied',
    'code=canceled',
  ])
    await send(`items ${query}`, `GET ${batch}/items?${query}`);
  for (const extension of ['csv', 'ndjson'])
    await sendInBoth(`report.${extension}`, `GET ${batch}/report.${extension}`);
  await send('the report of failed items', `GET ${batch}/report.ndjson?status=failed`);
  await send('the failed rows', `GET ${batch}/failed.csv`);
  await sendInBoth('retry of a code that is not there', `POST ${batch}/retry?code=image_corrupt`);
  await sendInBoth('retry of invalid rows', `POST ${batch}/retry?code=invalid_row`);
  await send('retry of a code', `POST ${batch}/retry?code=source_not_found`);
  await settle(batch);
  await send('read what was retried', `GET ${batch}/items?status=published`);
  await send('cancel what is final', `POST ${batch}/cancel`);
  await send('stream', `GET ${batch}/events`);
  await send('resume the stream', `GET ${batch}/events`, { headers: { 'Last-Event-ID': '999999999999' } });

  const columns = await submit(
    'CSV',
    csv(`sku,url,title\r\n1,${url}/image/png/2,A\r\n2,none,"B, ""c"""\r\n`),
  );
  await sendInBoth('report.csv of CSV', `GET ${columns}/report.csv`);
  await send('report.ndjson of CSV', `GET ${columns}/report.ndjson`);
  const archive = await submit(
    'ZIP',
    zip('a ZIP of a.jpg and note.txt', { 'a.jpg': JPEG.bytes, 'note.txt': TEXT }),
  );
  await sendInBoth('items of ZIP', `GET ${archive}/items`);
  const form = await submit(
    'files',
    files('a form of a.png and note.txt', file(PNG.bytes, 'a.png'), file(TEXT, 'note.txt')),
  );
  await sendInBoth('items of files', `GET ${form}/items`);
  await send('invalid rows alone, with a wait', BATCHES, {
    ...json([{ url: 'none' }]),
    headers: { 'Content-Type': 'application/json', Prefer: 'wait=60' },
  });

  const { body: slow } = await send('submit a stalled source', BATCHES, json([{ url: `${url}/stall` }]));
  await until('the source to be asked', 60, async () => (stack.source.hits('/stall') > 0 ? true : null));
  // The response shows the state after the request, which a worker may have changed by then.
  stack.worker.kill('SIGSTOP');
  await send('cancel it', `POST /v1/batches/${slow.id}/cancel`);
  stack.worker.kill('SIGCONT');
  await settle(`/v1/batches/${slow.id}`);
  await send('read what was canceled', `GET /v1/batches/${slow.id}`);
  await sendInBoth('items that were canceled', `GET /v1/batches/${slow.id}/items`);
  await sendInBoth('retry what was canceled', `POST /v1/batches/${slow.id}/retry`);
  const [item] = (await send('the canceled item', `GET /v1/images?batchId=${slow.id}`)).body.items;
  await sendInBoth('retry the canceled item', `POST /v1/images/${item?.id}/retry`);
  await stack.worker.stop();
  await send('delete what was canceled', `DELETE /v1/batches/${slow.id}`);
}
