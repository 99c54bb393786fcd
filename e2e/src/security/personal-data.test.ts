import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { imageSchema } from '@pixdock/contract/image';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accepted, itemsOf, readBatch, send, untilFinished } from '../batch/requests.js';
import { zipOf } from '../batch/zip.js';
import { listKeys } from '../harness/bucket.js';
import { ask, OTHER, request, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { clocks, type Stack, startStack } from '../harness/stack.js';
import { startWebhookReceiver, type WebhookReceiver } from '../harness/webhook-receiver.js';

const PHONE = '13812345678';
const JSON_TYPE = { 'Content-Type': 'application/json' };

let source: SourceServer;
let receiver: WebhookReceiver;
let stack: Stack;
let redis: RedisConnection;
let picture: Buffer;
beforeAll(async () => {
  picture = await photo(64, 48);
  source = await startSourceServer({ images: { a: { bytes: picture, type: 'image/jpeg' } } });
  receiver = await startWebhookReceiver();
  stack = await startStack({
    // Six attempts in a minute: the next one is soon, however long the deletions take.
    ...clocks('webhook=5'),
    SOURCE_ALLOW: source.host,
    WEBHOOK_ALLOW: receiver.host,
    METADATA_INDEX: 'phone',
    PIXDOCK_FAULTPOINT: 'by-message',
  });
  // Otherwise the files of Redis have compressed text.
  stack.redis.cli('CONFIG', 'SET', 'rdbcompression', 'no');
  redis = connectRedis({ url: stack.redis.url, prefix: '{pixdock}' }, 'patient', () => {});
});
afterAll(async () => {
  redis?.disconnect();
  receiver?.stop();
  await stack?.stop();
  await source?.stop();
});

/** The keys of Redis whose name or value has the text, in any type of value. */
async function findInRedis(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const key of await redis.keys('*')) {
    const read: Record<string, () => Promise<unknown>> = {
      string: () => redis.get(key),
      hash: () => redis.hgetall(key),
      list: () => redis.lrange(key, 0, -1),
      set: () => redis.smembers(key),
      zset: () => redis.zrange(key, '0', '-1'),
      stream: () => redis.xrange(key, '-', '+'),
    };
    const type = await redis.type(key);
    // It may have expired.
    if (type === 'none') continue;
    const value = JSON.stringify(await read[type]?.());
    expect(value, type).toBeDefined();
    if (key.includes(text) || value.includes(text)) found.push(key);
  }
  return found;
}

/** The files below DATA_DIR, with those of Redis and the local OSS, whose name or content has the text. */
async function findOnDisk(text: string): Promise<string[]> {
  const began = Number(await fieldOf('aof_rewrites'));
  await redis.call('BGREWRITEAOF');
  await until('the AOF to be rewritten', 20, async () =>
    Number(await fieldOf('aof_rewrites')) > began && (await fieldOf('aof_rewrite_in_progress')) === '0'
      ? true
      : null,
  );
  const found: string[] = [];
  // The worker may remove a folder while it is read.
  const entries = await until('the files to stay', 20, () =>
    readdir(stack.dataDir, { recursive: true, withFileTypes: true }).catch(() => null),
  );
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await readFile(path).catch(() => Buffer.alloc(0)) : '';
    if (entry.name.includes(text) || content.includes(text)) found.push(path.slice(stack.dataDir.length));
  }
  return found;
}

async function fieldOf(name: string): Promise<string | undefined> {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(await redis.info('persistence'))?.[1];
}

const findAll = async () => [...(await findInRedis(PHONE)), ...(await findOnDisk(PHONE))];

const remove = (path: string) => ask(stack, path, { method: 'DELETE' });

const post = <T>(path: string, body: object, headers: Record<string, string> = {}) =>
  ask<T>(stack, path, { method: 'POST', body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } });

async function untilDeleted(ids: readonly string[]): Promise<Image[]> {
  return Promise.all(
    ids.map((id) =>
      until(`${id} to be deleted`, 30, async () => {
        const { body } = await ask(stack, `/v1/images/${id}`);
        return body.status === 'deleted' ? body : null;
      }),
    ),
  );
}

/** Sends the picture as a resumable upload. */
async function uploadResumably(): Promise<string> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const metadata = { filename: `${PHONE}.jpg`, externalId: PHONE };
  const { status, headers } = await request(stack, '/v1/uploads', {
    method: 'POST',
    body: new Uint8Array(picture),
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(picture.length),
      'Upload-Metadata': Object.entries(metadata)
        .map(([name, text]) => `${name} ${base64(text)}`)
        .join(),
      'Content-Type': 'application/offset+octet-stream',
    },
  });
  expect(status).toBe(201);
  return headers.get('Pixdock-Id') ?? '';
}

const personal = {
  filename: `${PHONE}.jpg`,
  fields: { externalId: PHONE, metadata: JSON.stringify({ [PHONE]: `call ${PHONE}` }) },
};
const url = () => `${source.url}/image/a/${PHONE}`;

/** Images from every door, each with the telephone number wherever a caller can put it. */
async function submitImages(): Promise<string[]> {
  const webhookUrl = `http://${receiver.host}/hook/${PHONE}`;
  const headers = { 'Idempotency-Key': PHONE };
  const sent = await Promise.all([
    upload(stack, picture, { ...personal, fields: { ...personal.fields, webhookUrl }, headers }),
    upload(stack, picture.subarray(0, -400), personal),
    post<Image>(
      '/v1/images',
      { url: url(), externalId: PHONE },
      { Prefer: 'wait=20', 'Idempotency-Key': 'k' },
    ),
    post<Image>('/v1/images', { url: `${source.url}/status/404?${PHONE}`, externalId: PHONE }),
  ]);
  return [...sent.map(({ body }) => body.id), await uploadResumably()];
}

/** Batches that stay, each with the telephone number in its first row, in CSV also in the second, which is invalid. */
async function submitBatches(): Promise<Batch[]> {
  const csv = `url,externalId,phone,备注\n${url()},${PHONE},${PHONE},电话 ${PHONE}\nftp://${PHONE},,,\n${source.url}/image/a/2,2,,\n`;
  const form = new FormData();
  // The files of a batch stay for a retry if an image fails.
  const files = { [`${PHONE}/${PHONE}.jpg`]: picture, 'b.jpg': picture.subarray(0, -400) };
  for (const [name, bytes] of Object.entries(files))
    form.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), name);
  return Promise.all([
    send(stack, csv, { type: 'text/csv', query: '?columns=phone:metadata.phone' }).then(accepted),
    send(stack, form).then(accepted),
    send(stack, new Uint8Array(zipOf(files)), { type: 'application/zip' }).then(accepted),
  ]);
}

async function submitWholeBatch(): Promise<Batch> {
  const headers = { referer: `http://a.example/${PHONE}` };
  const items = [1, 2].map((i) => ({ url: `${url()}/${i}`, externalId: PHONE, headers }));
  const webhookUrl = encodeURIComponent(`http://${receiver.host}/hook/${PHONE}`);
  const query = `?webhookUrl=${webhookUrl}`;
  return accepted(
    await send(stack, JSON.stringify({ items }), {
      type: 'application/json',
      query,
      headers: { 'Idempotency-Key': `${PHONE} b` },
    }),
  );
}

test('leaves nothing of a person after deletions of images, items and a batch', async () => {
  receiver.respondWith(500);
  await receiver.subscribe(stack, 'hook', {
    events: ['image.published', 'image.failed', 'image.deleted', 'batch.finished'],
    items: true,
  });
  const [singles, lasting, whole] = [await submitImages(), await submitBatches(), await submitWholeBatch()];
  await Promise.all(singles.map((id) => untilFinal(stack, id)));
  await Promise.all([...lasting, whole].map(({ id }) => untilFinished(stack, id)));
  const items = await Promise.all(lasting.map(({ id }) => itemsOf(stack, id)));
  const [csv = [], ...others] = items;
  const removed = [csv[0], csv[1], ...others.map(([first]) => first)].map((image) => image?.id ?? '');
  const kept = items.flat().filter(({ id }) => !removed.includes(id));
  expect([removed.length, kept.length]).toEqual([4, 3]);
  await until('the events to be sent', 20, async () =>
    receiver.received.filter(({ event }) => event.data.externalId === PHONE).length >= 8 ? true : null,
  );
  const delivered = receiver.received.length;
  const searches = [
    `externalIdPrefix=${PHONE.slice(0, 7)}`,
    `filenamePrefix=${PHONE}`,
    `metadata.phone=${PHONE}`,
  ];
  const countFound = () =>
    Promise.all(
      searches.map(
        async (query) => (await ask<{ items: Image[] }>(stack, `/v1/images?${query}`)).body.items.length,
      ),
    );
  expect(await countFound()).toEqual([9, 7, 1]);
  const places = await findAll();
  for (const place of ['image:', 'batch.json', 'outcomes', 'items.ndjson', 'archive.zip'])
    expect(
      places.some((found) => found.includes(place)),
      place,
    ).toBe(true);

  // The worker dies after the record says that the image is deleted, and before anything else is erased.
  await stack.worker.arm('image-deleted');
  expect((await remove(`/v1/images/${singles[0]}`)).status).toBe(202);
  await stack.worker.exited;
  await stack.restartWorker();
  for (const id of [...singles, ...removed]) expect((await remove(`/v1/images/${id}`)).status).toBe(202);
  expect((await remove(`/v1/batches/${whole.id}`)).status).toBe(202);
  receiver.respondWith(200);
  const images = await untilDeleted([...singles, ...removed]);
  await until('the batch to be deleted', 30, async () =>
    (await readBatch(stack, whole.id)).body.counts.deleted === 2 ? true : null,
  );
  await until('nothing to be left', 60, async () => ((await findAll()).length === 0 ? true : null)).catch(
    async (error) => expect(await findAll(), String(error)).toEqual([]),
  );

  expect(await countFound()).toEqual([0, 0, 0]);
  for (const image of images) {
    expect(imageSchema.parse(image)).toMatchObject({
      externalId: null,
      metadata: {},
      receipt: null,
      timeline: [],
    });
    expect(image).toMatchObject({ source: { url: null, filename: null, sha256: null }, row: null });
  }
  const report = await request(stack, `/v1/batches/${lasting[0]?.id}/report.csv`);
  const lines = report.bytes.toString().split('\r\n');
  expect(lines.slice(1, 3)).toEqual([
    expect.stringMatching(/^,,,,,img_[0-9a-f]{32},,deleted,,,,,,,,$/),
    expect.stringMatching(/^,,,,,img_[0-9a-f]{32},,deleted,,,invalid_row,[^,]*,,,,$/),
  ]);
  expect(lines[3]).toMatch(/\/image\/a\/2,2,,,4,img_[0-9a-f]{32},2,published,/);
  const keys = kept.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key));
  expect((await listKeys(stack)).toSorted()).toEqual(keys.toSorted());

  await until('the pending events to be delivered', 60, async () =>
    receiver.received.filter(({ status }) => status === 200).length >= 14 ? true : null,
  );
  const late = receiver.received.slice(delivered).map(({ event }) => event);
  expect(
    late.filter(({ data }) => data.externalId === PHONE || data.url !== null).map(({ data }) => data.id),
  ).toEqual(expect.not.arrayContaining([...singles, ...removed]));

  await redis.flushall();
  await until('the restore to end', 30, async () => await redis.hget('{pixdock}:epoch', 'restored'));
  const again = await untilDeleted([...singles, ...removed]);
  expect(again.map(({ id, externalId }) => [id, externalId])).toEqual(images.map(({ id }) => [id, null]));
  expect(await findAll()).toEqual([]);
  expect(stack.api.output() + stack.worker.output()).not.toContain(PHONE);
});

test('deletes all images of an externalId, wherever they are, and no others', async () => {
  await stack.worker.stop();
  const externalId = 'customer "7"\\';
  const fields = { externalId };
  const own = await upload(stack, picture, { fields });
  const foreign = await upload(stack, picture, { fields, headers: OTHER });
  // More than a response names; the other rows are invalid, and cost no decoder.
  const rows = Array.from({ length: 420 }, (_, i) =>
    i % 2 === 0 ? { url: `${source.url}/image/a/${i}`, externalId } : { url: 'ftp://a', externalId: `c${i}` },
  );
  const batch = accepted(await send(stack, JSON.stringify({ items: rows }), { type: 'application/json' }));
  const ids: string[] = [];
  const removeAll = async () => {
    let next: string | undefined;
    do {
      const { status, body } = await post<{ items: Pick<Image, 'id' | 'status'>[]; next?: string }>(
        '/v1/images/delete',
        { externalId, cursor: next },
      );
      expect(status).toBe(202);
      ids.push(...body.items.map(({ id }) => id));
      next = body.next;
    } while (next !== undefined);
  };
  await removeAll();
  const items = (await itemsOf(stack, batch.id)).filter(({ row }) => (row ?? 0) % 2 === 1);
  expect(ids.toSorted()).toEqual([own.body.id, ...items.map(({ id }) => id)].toSorted());
  expect(ids).toHaveLength(211);
  await removeAll();
  expect(ids).toHaveLength(211);
  await stack.restartWorker();
  await until('the images to be deleted', 60, async () =>
    (await readBatch(stack, batch.id)).body.counts.deleted === 210 ? true : null,
  );
  await untilDeleted([own.body.id]);
  expect((await readBatch(stack, batch.id)).body.counts).toMatchObject({ deleted: 210, failed: 210 });
  const other = await ask(stack, `/v1/images/${foreign.body.id}`, { headers: OTHER });
  expect(other.body).toMatchObject({ externalId, deleteRequestedAt: null });
  const rowsFile = batchFiles(stagingLayout(stack.dataDir).batch(batch.id)).items;
  const text = await until('the rows to be erased', 60, async () => {
    const all = await readFile(rowsFile, 'utf8');
    return all.includes('customer') ? null : all;
  });
  expect(text).toContain('c419');
});
