import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '@pixdock/contract/batch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, OTHER, request, until } from '../harness/client.js';
import { startWebhookReceiver, type WebhookReceiver } from '../harness/webhook-receiver.js';
import { accepted, pages, readBatch, rows, send, submit, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack, tiny } from './stack.js';

let stack: BatchStack;
let hooks: WebhookReceiver;
beforeAll(async () => {
  hooks = await startWebhookReceiver();
  stack = await startBatchStack({ WEBHOOK_ALLOW: hooks.host });
});
afterAll(async () => {
  await stack.stop();
  hooks.stop();
});

const rename = (id: string, body: object, headers: Record<string, string> = {}) =>
  ask<Batch>(stack, `/v1/batches/${id}`, {
    method: 'PATCH',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  });

const idsNamed = async (text: string) =>
  (await pages<Batch>(stack, `/v1/batches?name=${encodeURIComponent(text)}`)).map(({ id }) => id);

test('names a batch as the query says, else after its file', async () => {
  const items = rows(stack.source.url, 1);
  const disposition = `attachment; filename="x.csv"; filename*=UTF-8''${encodeURIComponent('新品/春季.csv')}`;
  const header = { headers: { 'Content-Disposition': disposition } };
  expect((await submit(stack, items)).name).toBeNull();
  expect((await submit(stack, items, header)).name).toBe('春季.csv');
  const query = `?name=${encodeURIComponent(' 春季新品 ')}`;
  expect((await submit(stack, items, { ...header, query })).name).toBe('春季新品');
  const form = new FormData();
  for (const name of ['a.jpg', 'b.jpg']) form.append('file', new Blob([await tiny(20)]), name);
  // The name of an image goes with the image, and that of the batch would stay.
  expect(accepted(await send(stack, form)).name).toBeNull();
});

test.each([
  ['a\nb', 'control characters'],
  ['exe.\u202Egpj', 'control characters'],
  ['x'.repeat(256), '255 characters'],
  [' ', 'empty'],
])('refuses the name %j', async (name, reason) => {
  const items = '{"url":"https://a.example/1.jpg"}\n';
  const created = await send(stack, items, { query: `?name=${encodeURIComponent(name)}` });
  expect(created).toMatchObject({ status: 400, body: { detail: expect.stringContaining(reason) } });
  const { id } = await submit(stack, rows(stack.source.url, 1));
  const changed = await rename(id, { name });
  expect(changed).toMatchObject({ status: 400, body: { detail: expect.stringContaining(reason) } });
});

test('shows a new name everywhere, also after FLUSHALL', async () => {
  await hooks.subscribe(stack, 'names', { events: ['batch.finished'] });
  const { id } = await submit(stack, rows(stack.source.url, 2, 300), { query: '?name=before.csv' });
  const renamed = await rename(id, { name: '夏季 Summer.csv' });
  expect(renamed).toMatchObject({ status: 200, body: { id, name: '夏季 Summer.csv' } });
  expect(renamed.body.version).toBeGreaterThan(1);
  expect(await idsNamed('季 SUMMER')).toEqual([id]);
  expect(await idsNamed('before')).toEqual([]);
  await untilFinished(stack, id);
  const hook = await until(
    'the webhook',
    20,
    async () => hooks.received.find(({ event }) => event.data.id === id) ?? null,
  );
  expect(hook.event.data.name).toBe('夏季 Summer.csv');
  const report = await request(stack, `/v1/batches/${id}/report.csv`);
  expect(report.headers.get('content-disposition')).toBe(
    `attachment; filename="${id}.report.csv"; filename*=UTF-8''${encodeURIComponent('夏季 Summer.report.csv')}`,
  );
  const { body } = await ask<{ items: { event: { data: object } }[] }>(stack, '/v1/webhooks/deliveries');
  const names = expect.arrayContaining([expect.objectContaining({ id, name: '夏季 Summer.csv' })]);
  expect(body.items.map(({ event }) => event.data)).toEqual(names);

  stack.redis.cli('FLUSHALL');
  const seen = new Set<string | null>();
  await until('the batch to be listed again', 30, async () => {
    const { status, body: found } = await readBatch(stack, id);
    if (status === 200) seen.add(found.name);
    const listed = await pages<Batch>(stack, '/v1/batches');
    return listed.some((batch) => batch.id === id) ? true : null;
  });
  expect([...seen, ...(await idsNamed('Summer'))]).toEqual(['夏季 Summer.csv', id]);
  expect((await rename(id, { name: 'x' }, OTHER)).status).toBe(404);
});

test('erases the name with a deleted batch', async () => {
  const { id } = await submit(stack, rows(stack.source.url, 2), { query: '?name=first-secret' });
  expect((await rename(id, { name: 'second-secret' })).status).toBe(200);
  await untilFinished(stack, id);
  expect((await ask(stack, `/v1/batches/${id}`, { method: 'DELETE' })).status).toBe(202);
  await until('the name to be gone', 30, async () => {
    const { body } = await readBatch(stack, id);
    return body.status !== 'running' && body.counts.deleted === 2 ? true : null;
  });
  expect((await readBatch(stack, id)).body.name).toBeNull();
  await until('staging to forget the name', 10, async () => (staged().includes('-secret') ? null : true));
  const values = stack.redis.cli('--scan', '--pattern', `*${id}*`).trim().split('\n');
  expect(values.map((key) => stack.redis.cli('DUMP', key)).join()).not.toContain('-secret');
  expect((await rename(id, { name: 'third-secret' })).status).toBe(404);
  expect(staged()).not.toContain('-secret');
});

/** The text of all small files in staging. */
function staged(): string {
  const folder = join(stack.dataDir, 'staging');
  const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  return paths
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}
