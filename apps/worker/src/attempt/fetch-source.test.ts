import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInProfiles } from '@pixdock/contract/profile';
import { openStaging } from '@pixdock/shared/state/staging';
import { testRecord } from '@pixdock/shared/testing/record';
import { afterAll, expect, it } from 'vitest';
import { openSourceClient } from '../fetch/client.js';
import { fetchSource } from './fetch-source.js';

const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-fetch-'));
afterAll(() => rm(dataDir, { recursive: true }));

it('refuses a source larger than the profile permits, in the words of the profile', async () => {
  const path = join(dataDir, 'large.jpg');
  const bytes = Buffer.alloc(1024 * 1024 + 1);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  await writeFile(path, bytes);
  const staging = await openStaging(dataDir);
  const config = {
    maxUploadBytes: 20 * 1024 * 1024,
    acceptFormats: ['jpeg' as const],
    profiles: builtInProfiles(),
  };
  const sources = openSourceClient({ allow: new Set(), ports: new Set() });
  const record = testRecord({ profile: 'avatar' });
  const { signal } = new AbortController();
  await expect(
    fetchSource({ config, staging, sources }, record, { kind: 'staged', path }, signal),
  ).rejects.toMatchObject({
    code: 'source_too_large',
    detail: { en: 'Profile avatar takes up to 1048576 bytes; this file has 1048577.' },
  });
  expect(await readdir(staging.layout.image(record.id))).toEqual([]);
  await sources.stop();
});
