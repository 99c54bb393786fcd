import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, uploadAndWait } from './harness/client.js';
import { photo } from './harness/pictures.js';
import { clocks, OSS, type Stack, startStack } from './harness/stack.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Whether a request has a signature as Alibaba Cloud describes it for ACS3-HMAC-SHA256. */
function isSigned({ headers }: IncomingMessage, body: string): boolean {
  const [, id, names = '', signature] =
    /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`;
  const wanted = createHmac('sha256', OSS.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  const isSorted = names === names.split(';').toSorted().join(';');
  return (
    id === OSS.accessKeyId && isSorted && signature === wanted && headers['x-acs-version'] === '2018-05-10'
  );
}

const refreshed: string[] = [];
let isDown = false;
async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const form = new URLSearchParams(body);
  if (isDown) response.writeHead(503).end(JSON.stringify({ Code: 'ServiceUnavailable' }));
  else if (!isSigned(request, body))
    response.writeHead(400).end(JSON.stringify({ Code: 'SignatureDoesNotMatch' }));
  else {
    expect([request.headers['x-acs-action'], form.get('ObjectType')]).toEqual([
      'RefreshObjectCaches',
      'File',
    ]);
    refreshed.push(...(form.get('ObjectPath') ?? '').split('\n'));
    response.writeHead(200).end(JSON.stringify({ RequestId: '1', RefreshTaskId: '2' }));
  }
}
const cdn = createServer((request, response) => void respond(request, response));

let stack: Stack;
beforeAll(async () => {
  await new Promise<void>((resolve) => cdn.listen(0, '127.0.0.1', resolve));
  const { port } = cdn.address() as AddressInfo;
  stack = await startStack({
    ...clocks('sweep=1000'),
    CDN: 'aliyun',
    CDN_ENDPOINT: `http://127.0.0.1:${port}`,
  });
});
afterAll(async () => {
  await stack.stop();
  cdn.closeAllConnections();
  cdn.close();
});

const urlsOf = ({ variants }: Image) => Object.values(variants).map(({ url }) => url ?? '');
const remove = (path: string) => ask(stack, path, { method: 'DELETE' });
const untilRefreshed = (urls: string[]) =>
  until('the CDN to refresh', 60, async () => (urls.every((url) => refreshed.includes(url)) ? true : null));

test('refreshes all variants of a deleted image, and no other image', async () => {
  const [removed, kept] = [
    await uploadAndWait(stack, await photo()),
    await uploadAndWait(stack, await photo()),
  ];
  await remove(`/v1/images/${removed.id}`);
  await untilRefreshed(urlsOf(removed));
  expect(urlsOf(removed)).toHaveLength(2);
  expect(refreshed).not.toContain(kept.url);
});

test('refreshes the images of a deleted batch', async () => {
  const form = new FormData();
  for (const name of ['a.jpg', 'b.jpg'])
    form.append('file', new Blob([new Uint8Array(await photo())], { type: 'image/jpeg' }), name);
  const batch = await ask<{ id: string }>(stack, '/v1/batches?wait=30', { method: 'POST', body: form });
  const { items } = (await ask<{ items: Image[] }>(stack, `/v1/batches/${batch.body.id}/items`)).body;
  await remove(`/v1/batches/${batch.body.id}`);
  await untilRefreshed(items.flatMap(urlsOf));
});

test('refreshes after an outage of the CDN, a killed worker and a loss of Redis', async () => {
  const image = await uploadAndWait(stack, await photo());
  isDown = true;
  await remove(`/v1/images/${image.id}`);
  await until('the deletion', 30, async () =>
    (await ask(stack, `/v1/images/${image.id}`)).body.status === 'deleted' ? true : null,
  );
  stack.worker.kill('SIGKILL');
  await stack.worker.exited;
  stack.redis.cli('FLUSHALL');
  isDown = false;
  await stack.restartWorker();
  await untilRefreshed(urlsOf(image));
});
