import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from './harness/bucket.js';
import { ask, until, upload, uploadAndWait } from './harness/client.js';
import { staged } from './harness/leftovers.js';
import { photo, picture } from './harness/pictures.js';
import { clocks, type Stack, startStack } from './harness/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack(clocks('sweep=1000'));
});
afterAll(() => stack.stop());

const download = async (url: string) => {
  const response = await fetch(url);
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
};
const keysOf = async (id: string) =>
  (await listKeys(stack)).filter((key) => key.includes(id.replace('img_', '')));

test('publishes an image upright, in sRGB and without metadata at a working URL', async () => {
  const sideways = await picture(400, 300)
    .withExif({
      IFD0: { Orientation: '6', Copyright: 'secret-payload' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '1/1 2/1 3/1' },
    })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const response = await upload(stack, sideways, {
    fields: { externalId: 'sku-1', metadata: '{"album":"7"}' },
    headers: { Prefer: 'wait=30' },
    type: 'image/png',
    filename: 'IMG 1.JPG',
  });
  expect(response.status).toBe(201);
  const image = response.body;
  expect(image).toMatchObject({
    status: 'published',
    stage: 'published',
    externalId: 'sku-1',
    metadata: { album: '7' },
    source: {
      filename: 'IMG 1.JPG',
      bytes: sideways.length,
      mediaType: 'image/jpeg',
      width: 300,
      height: 400,
      frames: 1,
    },
    receipt: {
      declaredType: 'image/png',
      detectedType: 'image/jpeg',
      orientationApplied: 6,
      gpsRemoved: true,
    },
    error: null,
  });
  expect(response.headers.get('etag')).toBe(`"${image.version}"`);
  expect(image.timeline.map(({ stage }) => stage)).toEqual([
    'received',
    'validating',
    'normalizing',
    'uploading',
    'verifying',
    'published',
  ]);

  const { headers, bytes } = await download(image.url ?? '');
  expect(headers.get('content-type')).toBe('image/jpeg');
  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const published = await sharp(bytes).metadata();
  expect(published).toMatchObject({ format: 'jpeg', width: 300, height: 400, space: 'srgb' });
  expect([published.exif, published.orientation, published.icc]).toEqual([undefined, undefined, undefined]);
  expect(bytes.includes('secret-payload')).toBe(false);
  // After a rotation by 90° clockwise, the red corner is at the top right.
  const { data } = await sharp(bytes)
    .extract({ left: 270, top: 10, width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(data[0]).toBeGreaterThan(150);
  expect((await keysOf(image.id)).toSorted()).toEqual(
    Object.values(image.variants)
      .map(({ key }) => key)
      .toSorted(),
  );
  await until('staging to be free', 10, async () => ((await staged(stack)).includes(image.id) ? null : true));
});

test('tells everyone who knows a URL nothing but id, format and one sealed value', async () => {
  const fields = { externalId: '13800138000', metadata: '{"phone":"13800138000"}' };
  const image = await uploadAndWait(stack, await photo(), { fields, filename: '13800138000.jpg' });
  const { id, owner, source, createdAt } = image;
  const secrets = [
    '13800138000',
    `${owner}"`,
    '"acme',
    source.sha256 ?? '',
    String(source.bytes),
    createdAt,
    'default',
  ];
  for (const [name, metadata] of [
    ['main', ['x-oss-meta-pixdock-format', 'x-oss-meta-pixdock-id', 'x-oss-meta-pixdock-sealed']],
    ['thumb', []],
  ] as const)
    for (const method of ['HEAD', 'GET']) {
      const { status, headers } = await fetch(image.variants[name]?.url ?? '', { method });
      expect(status).toBe(200);
      const all = [...headers];
      expect(all.flatMap(([header]) => (header.startsWith('x-oss-meta') ? [header] : [])).toSorted()).toEqual(
        metadata,
      );
      const text = all.map(([header, value]) => `${header}: ${value}`).join('\n');
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
      if (name === 'main') {
        expect(headers.get('x-oss-meta-pixdock-id')).toBe(id);
        expect(headers.get('x-oss-meta-pixdock-sealed')).toMatch(/^test\.[\w-]{400,}$/);
      }
    }
});

test('fails a broken image with its reason and leaves nothing in the bucket', async () => {
  const whole = await photo();
  const image = await uploadAndWait(stack, whole.subarray(0, whole.length >> 1));
  expect(image).toMatchObject({
    status: 'failed',
    url: null,
    error: { code: 'image_truncated', retryable: false },
  });
  expect(await keysOf(image.id)).toEqual([]);
  const inChinese = await ask(stack, `/v1/images/${image.id}`, { headers: { 'Accept-Language': 'zh-CN' } });
  expect(inChinese.body.error?.detail).toMatch(/[\u4e00-\u9fff]/);
});

test('removes the objects before it reports the deletion, and accepts a repeated DELETE', async () => {
  const image = await uploadAndWait(stack, await photo());
  expect(await keysOf(image.id)).toHaveLength(2);
  expect((await ask(stack, `/v1/images/${image.id}`, { method: 'DELETE' })).status).toBe(202);
  const deleted = await until('deletion', 20, async () => {
    const { body } = await ask(stack, `/v1/images/${image.id}`, { headers: { Prefer: 'wait=5' } });
    return body.status === 'deleted' ? body : null;
  });
  expect(deleted).toMatchObject({ url: null, variants: {} });
  expect(await keysOf(image.id)).toEqual([]);
  expect(await ask(stack, `/v1/images/${image.id}`, { method: 'DELETE' })).toMatchObject({
    status: 202,
    body: { status: 'deleted' },
  });
});

test('leaves nothing behind after a DELETE right after the POST', async () => {
  const ids = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const { body } = await upload(stack, await photo(800, 600));
      await ask(stack, `/v1/images/${body.id}`, { method: 'DELETE' });
      return body.id;
    }),
  );
  for (const id of ids) {
    await until(`${id} to be deleted`, 30, async () => {
      const { body } = await ask(stack, `/v1/images/${id}`, { headers: { Prefer: 'wait=5' } });
      return body.status === 'deleted' ? body : null;
    });
    expect(await keysOf(id)).toEqual([]);
  }
  await until('staging to be free', 20, async () =>
    (await staged(stack)).some((id) => ids.includes(id)) ? null : true,
  );
});

test('reads and deletes an image by its object after RETENTION', async () => {
  await stack.worker.stop();
  await stack.restartWorker({ RETENTION: '1s' });
  const image = await uploadAndWait(stack, await photo(), { fields: { externalId: '编号 7' } });
  await until('the record to expire', 90, async () => {
    const { records } = { records: stack.redis.cli('EXISTS', `{pixdock}:image:${image.id}`) };
    return records === '0' ? true : null;
  });
  const later = await ask(stack, `/v1/images/${image.id}`);
  expect(later).toMatchObject({
    status: 200,
    body: { id: image.id, status: 'published', owner: 'acme', externalId: '编号 7', url: image.url },
  });
  expect(Object.keys(later.body.variants).toSorted()).toEqual(['main', 'thumb']);
  expect(later.body.version).toBeGreaterThan(image.version);
  expect((await ask(stack, `/v1/images/${image.id}`, { method: 'DELETE' })).status).toBe(202);
  await until('the objects to be gone', 20, async () =>
    (await keysOf(image.id)).length === 0 ? true : null,
  );
});
