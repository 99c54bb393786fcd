import { METADATA_KEY, NEXT_METADATA_KEY, testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { openInstallation } from '../testing/open-installation.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

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

it('does not bring back an image whose deletion is requested', async () => {
  const { ops, records, staging, publish } = await openInstallation(redis.settings.url);
  const { id } = await publish(testRecord());
  await staging.requestDelete(id);
  expect((await ops('recover')).err).toContain('0 images recovered');
  expect(await records.get(id)).toBeNull();
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
