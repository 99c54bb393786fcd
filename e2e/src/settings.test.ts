import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { upload, uploadAndWait } from './harness/client.js';
import { photo, picture } from './harness/pictures.js';
import { startError } from './harness/processes.js';
import { type Stack, startStack } from './harness/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

test.each([
  ['api', 'zh', /处理方法：/g],
  ['worker', 'en', /fix:/g],
] as const)(
  'reports every wrong setting of the %s at once, in the language %s, each with a fix',
  async (app, language, fix) => {
    const wrong = {
      ...stack.env,
      DEFAULT_LANGUAGE: language,
      ALIYUN_OSS_BUCKET: '',
      RETENTION: 'soon',
      REDIS_URL: 'http://nowhere',
      METADATA_KEY: '',
    };
    const failure = await startError(app, wrong);
    expect(failure).toContain('ended with 78');
    expect(failure).toContain('openssl rand -hex 32');
    for (const name of ['ALIYUN_OSS_BUCKET', 'RETENTION', 'REDIS_URL', 'METADATA_KEY'])
      expect(failure).toContain(name);
    expect(failure.match(fix)?.length).toBeGreaterThanOrEqual(4);
  },
);

test('ends with 78 and one sentence when the disk of DATA_DIR is missing or Redis refuses the password', async () => {
  // As below a link to a disk that is not mounted.
  for (const app of ['api', 'worker'] as const) {
    const disk = await startError(app, { ...stack.env, DATA_DIR: '/proc/pixdock' });
    expect(disk).toMatch(/ended with 78[\s\S]*DATA_DIR: .*not mounted/);
  }
  const url = stack.env.REDIS_URL?.replace('//', '//nobody:wrong@') ?? '';
  const password = await startError('worker', { ...stack.env, REDIS_URL: url });
  expect(password).toMatch(/ended with 78[\s\S]*REDIS_URL: Redis at 127\.0\.0\.1:\d+ refuses/);
});

test('checks PROFILES_FILE at start and uses its profiles', async () => {
  const file = join(stack.dataDir, 'profiles.yaml');
  await writeFile(
    file,
    `banner:
  require: { formats: [jpeg], minWidth: 600, aspect: "4:3" }
  variants:
    main: { fit: cover, width: 300, height: 100, format: webp }
    tiny: { width: 64, format: png }
  overlay: { file: label.png, scale: 0.5, variants: [tiny] }
`,
  );
  const label = sharp({ create: { width: 20, height: 10, channels: 3, background: '#ff0000' } });
  await label.png().toFile(join(stack.dataDir, 'label.png'));
  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  await Promise.all([
    stack.restartApi({ PROFILES_FILE: file }),
    stack.restartWorker({ PROFILES_FILE: file }),
  ]);

  const fields = { profile: 'banner' };
  const image = await uploadAndWait(stack, await photo(800, 600), { fields });
  expect(image.variants).toMatchObject({
    main: { width: 300, height: 100, mediaType: 'image/webp' },
    tiny: { width: 64, height: 48, mediaType: 'image/png' },
  });
  expect(image.receipt?.overlay?.variants).toEqual(['tiny']);
  const tiny = Buffer.from(await (await fetch(image.variants['tiny']?.url ?? '')).arrayBuffer());
  const corner = await sharp(tiny).extract({ left: 60, top: 44, width: 1, height: 1 }).raw().toBuffer();
  expect([...corner]).toEqual([255, 0, 0]);
  const small = await uploadAndWait(stack, await photo(400, 300), { fields });
  expect(small.error?.code).toBe('image_too_small');
  const square = await uploadAndWait(stack, await photo(700, 700), { fields });
  expect(square.error?.code).toBe('aspect_mismatch');
  const png = await upload(stack, await picture(800, 600).png().toBuffer(), { fields });
  expect(png).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });

  await writeFile(file, 'banner: { variants: { main: {} }, overlay: { file: gone.png } }');
  expect(await startError('worker', { ...stack.env, PROFILES_FILE: file })).toMatch(
    /PROFILES_FILE: banner\.overlay\.file: ".*gone\.png" cannot be read/,
  );
  await writeFile(file, 'banner: { variants: { main: { widht: 3 } } }');
  const failure = await startError('api', { ...stack.env, PROFILES_FILE: file });
  expect(failure).toContain('PROFILES_FILE');
  expect(failure).toContain('widht');
});

test('crops an avatar to a square, and refuses one above the size limit before decoding', async () => {
  const fields = { profile: 'avatar' };
  const image = await uploadAndWait(stack, await photo(400, 300), { fields });
  expect(image.variants).toMatchObject({ main: { width: 300, height: 300, mediaType: 'image/jpeg' } });
  expect(Object.keys(image.variants)).toEqual(['main']);
  const noise = createHash('shake256', { outputLength: 900 * 900 * 3 })
    .update('noise')
    .digest();
  const large = await sharp(noise, { raw: { width: 900, height: 900, channels: 3 } })
    .png()
    .toBuffer();
  expect(large.length).toBeGreaterThan(1024 * 1024);
  expect(await upload(stack, large, { fields })).toMatchObject({
    status: 413,
    body: {
      code: 'payload_too_large',
      detail: expect.stringContaining('Profile avatar accepts up to 1 MiB'),
    },
  });
});
