/*
 * This version reads what each released version left in Redis and staging. A release adds a fixture of its version:
 *
 *   PIXDOCK_WRITE_FIXTURE=0.1.0 npx vitest run e2e/src/redis/upgrade.test.ts && npx biome format --write e2e/src/redis
 */

import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { JOBS, type JobName } from '@pixdock/shared/queue/jobs';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { batchEntrySchema } from '@pixdock/shared/state/batches/batch-entry';
import { storedImage } from '@pixdock/shared/state/images/document';
import { entrySchema } from '@pixdock/shared/state/images/entry';
import { storedItemSchema } from '@pixdock/shared/state/manifest/stored';
import { describe, expect, test } from 'vitest';
import { ask, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { type Stack, startStack } from '../harness/stack.js';
import {
  dumpRedis,
  dumpStaging,
  type Expected,
  fixtureVersions,
  loadRedis,
  loadStaging,
  readFixture,
  writeFixture,
} from './fixtures.js';
import { smallPhoto } from './support.js';

const WRITTEN = process.env.PIXDOCK_WRITE_FIXTURE;
const PREFIX = '{pixdock}';
/** No private address is allowed, so that imports end the same way on every machine. */
const FOR_EVER = { RETENTION: '36500d' };
const BROKEN = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');

test.runIf(WRITTEN !== undefined)('writes a fixture', async () => {
  const stack = await startStack(FOR_EVER);
  const redis = connectRedis({ url: stack.redis.url, prefix: PREFIX }, 'patient', () => {});
  try {
    const expected = await leaveWork(stack);
    const { body: contract } = await ask(stack, '/openapi.json');
    await stack.api.stop();
    const [kept, staging] = [await dumpRedis(redis), await dumpStaging(stack.dataDir)];
    await writeFixture(WRITTEN ?? '', { redis: kept, staging, expected }, contract);
  } finally {
    redis.disconnect();
    await stack.stop();
  }
});

describe.each(await fixtureVersions())('state of version %s', (version) => {
  test('matches the current schemas', async () => {
    const { redis, staging } = await readFixture(version);
    let [records, jobs, entries] = [0, 0, 0];
    for (const [key, value] of Object.entries(redis)) {
      if (!('hash' in value)) continue;
      const { doc, name, data } = value.hash;
      if (key.startsWith(`${PREFIX}:image:`)) {
        storedImage(doc ?? '').record();
        records++;
      } else if (name !== undefined && data !== undefined && !key.includes(':repeat:')) {
        const job = JOBS[name as JobName];
        expect(key.startsWith(`${PREFIX}:queue:${job.queue}:`)).toBe(true);
        job.payload.parse(JSON.parse(data));
        jobs++;
      }
    }
    for (const [path, content] of Object.entries(staging)) {
      if (!('text' in content)) continue;
      if (path.endsWith('items.ndjson'))
        for (const line of content.text.trimEnd().split('\n')) storedItemSchema.parse(JSON.parse(line));
      else if (path.endsWith('/batch.json')) batchEntrySchema.parse(JSON.parse(content.text));
      else if (/submission\.json$|^outcomes\//.test(path)) entrySchema.parse(JSON.parse(content.text));
      else continue;
      entries++;
    }
    expect(Math.min(records - 8, jobs - 4, entries - 8)).toBeGreaterThanOrEqual(0);
  });

  test.each(['its Redis and its staging', 'its staging alone'])('is continued from %s', async (what) => {
    const { redis, staging, expected } = await readFixture(version);
    const stack = await startStack(FOR_EVER);
    try {
      await Promise.all([stack.api.stop(), stack.worker.stop()]);
      stack.redis.cli('FLUSHALL');
      await loadStaging(stack.dataDir, staging);
      if (what === 'its Redis and its staging') {
        const connection = connectRedis({ url: stack.redis.url, prefix: PREFIX }, 'patient', () => {});
        await loadRedis(connection, redis);
        connection.disconnect();
      }
      await Promise.all([stack.restartApi(), stack.restartWorker()]);
      await expectOutcomes(stack, expected);
    } finally {
      await stack.stop();
    }
  });
});

async function expectOutcomes(stack: Stack, { images, batches }: Expected): Promise<void> {
  await until('the restore', 20, async () =>
    (await upload(stack, await smallPhoto())).status === 503 ? null : true,
  );
  for (const [id, outcome] of Object.entries(images)) {
    const { status, error } = await untilSettled(stack, id, outcome.status);
    expect({ status, code: error?.code }).toEqual({ code: undefined, ...outcome });
  }
  for (const [id, outcome] of Object.entries(batches)) {
    const { body } = await until(id, 60, async () => {
      const response = await ask<Batch>(stack, `/v1/batches/${id}`, { headers: { Prefer: 'wait=2' } });
      return response.body.status === 'running' ? null : response;
    });
    expect(body).toMatchObject(outcome);
  }
}

/** An image may be final before its requested deletion. */
async function untilSettled(stack: Stack, id: string, status: string): Promise<Image> {
  const image = await untilFinal(stack, id);
  if (status !== 'deleted' || image.status === 'deleted') return image;
  return until(`${id} to be deleted`, 30, async () => {
    const { body } = await ask(stack, `/v1/images/${id}`);
    return body.status === 'deleted' ? body : null;
  });
}

/** Creates finished and unfinished work of every kind; stops the worker at the end. */
async function leaveWork(stack: Stack): Promise<Expected> {
  const images: Expected['images'] = {};
  const batches: Expected['batches'] = {};
  const published = await uploadAndWait(stack, await smallPhoto(), { fields: { externalId: 'sku-1' } });
  images[published.id] = { status: 'published' };
  const broken = await uploadAndWait(stack, BROKEN);
  images[broken.id] = { status: 'failed', code: broken.error?.code ?? '' };
  const deleted = await uploadAndWait(stack, await smallPhoto());
  await ask(stack, `/v1/images/${deleted.id}`, { method: 'DELETE' });
  await untilSettled(stack, deleted.id, 'deleted');
  images[deleted.id] = { status: 'deleted' };
  const done = await submitFiles(stack, [await smallPhoto(), BROKEN]);
  await until('the batch', 60, async () => {
    const { body } = await ask<Batch>(stack, `/v1/batches/${done}`);
    return body.status === 'finished' ? body : null;
  });
  batches[done] = { status: 'finished', counts: { published: 1, failed: 1 } };

  const toDelete = await uploadAndWait(stack, await smallPhoto());
  await stack.worker.stop();
  await ask(stack, `/v1/images/${toDelete.id}`, { method: 'DELETE' });
  images[toDelete.id] = { status: 'deleted' };
  const headers = { 'Idempotency-Key': 'once' };
  const fields = { externalId: 'sku-2', metadata: JSON.stringify({ shelf: '7' }) };
  const { body: queued } = await upload(stack, await smallPhoto(), { headers, fields });
  images[queued.id] = { status: 'published' };
  const url = 'http://127.0.0.1:9/picture.jpg';
  const { body: remote } = await ask(stack, '/v1/images', json({ url, headers: { Accept: 'image/*' } }));
  images[remote.id] = { status: 'failed', code: 'source_forbidden' };
  const files = await submitFiles(stack, [await smallPhoto(), await smallPhoto()]);
  batches[files] = { status: 'finished', counts: { published: 2 } };
  const items = [{ url, externalId: 'row-1' }, { url: 'no address' }, { url, externalId: 'row-3' }];
  const rows = await ask<Batch>(stack, '/v1/batches', json({ items }));
  batches[rows.body.id] = { status: 'finished', counts: { failed: 3 } };
  const canceled = await ask<Batch>(stack, '/v1/batches', json({ items }));
  await ask(stack, `/v1/batches/${canceled.body.id}/cancel`, { method: 'POST' });
  batches[canceled.body.id] = { status: 'canceled', counts: {} };
  return { images, batches };
}

const json = (body: object) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});

async function submitFiles(stack: Stack, files: Buffer[]): Promise<string> {
  const form = new FormData();
  for (const [i, bytes] of files.entries())
    form.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), `${i}.jpg`);
  const { status, body } = await ask<Batch>(stack, '/v1/batches', { method: 'POST', body: form });
  expect([status, body.code]).toEqual([202, undefined]);
  return body.id;
}
