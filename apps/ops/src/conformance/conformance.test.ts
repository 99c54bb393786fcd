import { openObjectStore } from '@pixdock/object-store/open';
import { readStoreSettings } from '@pixdock/object-store/settings';
import { SECRET } from '@pixdock/object-store/testing/start-oss';
import { readSettings } from '@pixdock/shared/runtime/env';
import { expect, it } from 'vitest';
import { startLab } from '../testing/run-doctor.js';
import { CHECKS } from './command.js';

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
  // The settings of the bucket, its default domain, temporary keys, and writes through a domain of its own.
  expect(out).toContain(
    `${CHECKS.length} checks: ${CHECKS.length - 7} passed, 0 differ from the documentation, 7 `,
  );
  expect(await keysIn(settings)).toEqual([]);
});

it('names the objects that it cannot delete', async () => {
  const { ops, fault, settings } = await startLab();
  await fault({ operation: 'DeleteObject', action: { type: 'error', status: 403, code: 'AccessDenied' } });
  const { exit, err } = await ops(['conformance']);
  expect(exit).toBe(1);
  expect(err.split('\n  ').slice(1).toSorted()).toEqual(expect.arrayContaining(await keysIn(settings)));
});

it.each([
  ['en', '    expected: not found\n    got:      configuration, status 403, AccessDenied'],
  ['zh', '    预期：not found\n    实际：configuration, status 403, AccessDenied'],
])('prints in %s what another bucket does differently, without secrets', async (language, difference) => {
  const { ops, fault, settings } = await startLab();
  await fault({ operation: 'HeadObject', action: { type: 'error', status: 403, code: 'AccessDenied' } });
  const { exit, out } = await ops(['conformance'], { DEFAULT_LANGUAGE: language });
  expect(exit).toBe(1);
  expect(out).toContain(difference);
  for (const secret of [SECRET, settings.ALIBABA_CLOUD_ACCESS_KEY_ID, 'lab-bucket', 'localhost'])
    expect(out).not.toContain(secret);
});

it('removes what it stored, and says what it cannot check, without the right to list', async () => {
  const { ops, fault, settings } = await startLab();
  // Four checks list, and then the clean-up.
  const denied = { type: 'error', status: 403, code: 'AccessDenied' };
  await fault({ operation: 'ListObjectsV2', count: 5, action: denied });
  const { exit, out, err } = await ops(['conformance']);
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(out.match(/cannot be checked: the key has no right to oss:ListObjects/g)).toHaveLength(4);
  expect(await keysIn(settings)).toEqual([]);
});

it('says what to fix if nothing can be stored', async () => {
  const { ops } = await startLab({ region: 'cn-beijing' });
  const { exit, out, err } = await ops(['conformance']);
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
  expect(err).toMatch(/^OSS put: InvalidArgument.*\n {2}fix: .*ALIYUN_OSS_REGION/);
});
