import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeStaging } from '@pixdock/shared/testing/staging-contract';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, it } from 'vitest';
import { stagingOf } from './staging.js';
import { openStagingOnOss } from './testing/staging-on-oss.js';

it('is the folder in DATA_DIR, which it creates when it is opened', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const staging = stagingOf({ kind: 'folder', dataDir });
  expect([await staging.exists(), existsSync(dataDir)]).toEqual([false, false]);
  const opened = await staging.open();
  await opened.notes.write('id', 'one');
  expect([await staging.exists(), await staging.notes.read('id')]).toEqual([true, 'one']);
  expect(staging.place).toMatch(`:${dataDir}`);
});

it('does not open a bucket while DATA_DIR has a staging of its own, whose files would be removed', async () => {
  const [{ settings }, dataDir] = [await openStagingOnOss(), temporaryFolder()];
  const { notes } = await stagingOf({ kind: 'folder', dataDir }).open();
  const staging = stagingOf({ kind: 'bucket', dataDir, bucket: settings });
  await staging.open();
  await notes.write('id', 'one');
  await expect(staging.open()).rejects.toThrow('has a staging of its own, while STAGING_URL names a bucket');
});

describeStaging('a bucket', async () => {
  const { settings } = await openStagingOnOss();
  return stagingOf({ kind: 'bucket', dataDir: temporaryFolder(), bucket: settings }).open();
});
