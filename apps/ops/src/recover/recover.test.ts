import { METADATA_KEY, NEXT_METADATA_KEY, testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { openInstallation } from '../testing/open-installation.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

/** A bucket with three images (with a record, staged, without both) and objects of other programs. */
async function openLost() {
  const installation = await openInstallation(redis.settings.url);
  const { records, publish, put, stage } = installation;
  const kept = await publish(testRecord());
  await records.create(kept);
  const staged = testRecord();
  await publish(staged);
  await stage(staged);
  const lost = await publish(testRecord({ externalId: 'sku-1' }));
  for (const key of ['notes.txt', `00/${'00'.repeat(16)}/main.webp`]) await put(key);
  return { ...installation, kept, lost, staged };
}

it('creates a record for each published image that has none', async () => {
  const { ops, records, kept, lost, staged } = await openLost();
  const { exit, out, err } = await ops('recover', '--ndjson');
  expect(exit).toBe(0);
  expect(err).toBe(
    "8 objects listed: 1 images recovered, 1 already have a record, 1 will be restored from staging, 2 objects are not Pixdock's",
  );
  const { id, url } = lost;
  expect(JSON.parse(out)).toEqual({ id, url, owner: 'acme', externalId: 'sku-1', batchId: null, row: null });
  const { variants } = lost;
  expect(await records.get(id)).toMatchObject({ status: 'published', externalId: 'sku-1', url, variants });
  expect(await records.get(kept.id)).toEqual(kept);
  expect(await records.get(staged.id)).toBeNull();
  expect((await ops('recover')).err).toContain('0 images recovered, 2 already have a record');
});

it('recovers images of all keys, and counts those of a key that is gone', async () => {
  const { ops, opsWith, publish } = await openInstallation(redis.settings.url);
  await publish(testRecord());
  const rotated = { METADATA_KEY: `${NEXT_METADATA_KEY},${METADATA_KEY}` };
  const [key] = testMetadataKeys(NEXT_METADATA_KEY);
  const { id } = await publish(testRecord(), [key]);
  const example = `${id.slice(4, 6)}/${id.slice(4)}/main.webp`;
  expect(await opsWith(rotated, 'recover', '--dry-run')).toMatchObject({
    exit: 0,
    err: expect.stringContaining('2 images can be recovered'),
  });
  const { exit, err } = await ops('recover');
  expect(exit).toBe(1);
  expect(err).toMatch(
    / 1 images recovered.* 0 objects are not Pixdock's\n1 images cannot be read: .*sealed with key next,/,
  );
  expect(err).toContain(`(for example ${example})`);
  const { err: chinese } = await opsWith({ LANG: 'zh_CN.UTF-8' }, 'recover');
  expect(chinese).toContain('加密元数据的密钥 next 不在 METADATA_KEY 中');
  expect((await ops('doctor')).out).toMatch(/✗ keys .*MetadataKeyMissing.*: next .*\n +fix: Add these keys/);
  expect((await opsWith(rotated, 'doctor')).out).toMatch(
    /✓ keys +METADATA_KEY opened the metadata of 2 images/,
  );
});

it('creates nothing in a dry run', async () => {
  const { ops, records, lost } = await openLost();
  expect(await ops('recover', '--dry-run', '--rate', '10')).toMatchObject({
    exit: 0,
    out: '',
    err: expect.stringContaining('1 images can be recovered'),
  });
  expect(await records.get(lost.id)).toBeNull();
});

it('does not bring back an image whose deletion is requested', async () => {
  const { ops, records, staging, lost } = await openLost();
  await staging.requestDelete(lost.id);
  expect((await ops('recover')).err).toContain('0 images recovered');
  expect(await records.get(lost.id)).toBeNull();
});

it('reads as many objects per second as --rate permits', async () => {
  const { ops, publish } = await openInstallation(redis.settings.url);
  for (let image = 0; image < 4; image++) await publish(testRecord());
  const began = performance.now();
  expect((await ops('recover', '--rate', '5')).err).toContain('4 images recovered');
  expect(performance.now() - began).toBeGreaterThan(590);
});

it('refuses a rate that OSS would not allow', async () => {
  const { ops } = await openInstallation(redis.settings.url);
  const { exit, err } = await ops('recover', '--rate', '20000');
  expect([exit, err]).toEqual([2, expect.stringContaining('--rate')]);
});
