import { openObjectStore } from '@pixdock/object-store/open';
import { readStoreSettings } from '@pixdock/object-store/settings';
import { SECRET } from '@pixdock/object-store/testing/start-oss';
import { readSettings } from '@pixdock/shared/runtime/env';
import { expect, it } from 'vitest';
import { startLab } from '../testing/run-doctor.js';
import { CHECKS } from './checks.js';

async function keysIn(settings: Record<string, string>): Promise<string[]> {
  const store = openObjectStore(readSettings(settings, readStoreSettings));
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  store.stop();
  return keys;
}

it('finds no difference on the local OSS and leaves nothing behind', async () => {
  const { ops, settings } = await startLab();
  const { exit, out, err } = await ops(['conformance']);
  expect(out).not.toContain('≠');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(out).toContain(`${CHECKS.length} checks: this bucket does what the local OSS does.`);
  expect(await keysIn(settings)).toEqual([]);
});

it('names the objects that it cannot delete', async () => {
  const { ops, fault, settings } = await startLab();
  await fault({ operation: 'DeleteObject', action: { type: 'error', status: 403, code: 'AccessDenied' } });
  const { exit, err } = await ops(['conformance', '--json']);
  expect(exit).toBe(1);
  expect(err.split('\n  ').slice(1).toSorted()).toEqual(expect.arrayContaining(await keysIn(settings)));
});

it('prints what another bucket does differently, and a transcript without secrets', async () => {
  const { ops, fault, settings } = await startLab();
  await fault({ operation: 'HeadObject', action: { type: 'error', status: 403, code: 'AccessDenied' } });
  const printed = await ops(['conformance']);
  expect(printed.exit).toBe(1);
  expect(printed.out).toContain(
    '    local OSS:   not found\n    this bucket: configuration, status 403, AccessDenied',
  );

  const { exit, out } = await ops(['conformance', '--json']);
  expect(exit).toBe(1);
  const { checks, ...about } = JSON.parse(out);
  expect(about).toMatchObject({ region: 'cn-hangzhou', addressing: 'virtual', isCustomDomain: true });
  expect(checks).toHaveLength(CHECKS.length);
  for (const secret of [SECRET, settings.ALIBABA_CLOUD_ACCESS_KEY_ID, 'lab-bucket', 'localhost'])
    expect(out).not.toContain(secret);
});

it('says in Chinese where a bucket differs', async () => {
  const { ops } = await startLab({ region: 'cn-beijing' });
  const { exit, out } = await ops(['conformance'], { LANG: 'zh_CN.UTF-8' });
  expect(exit).toBe(1);
  expect(out).toMatch(/此 Bucket：configuration, status 400, InvalidArgument/);
});
