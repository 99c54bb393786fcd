import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StartFault } from '@pixdock/shared/runtime/start-fault';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, it } from 'vitest';
import { stagingOf } from './staging.js';

it('is the folder in DATA_DIR, which it creates when it is opened', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const staging = stagingOf({ kind: 'folder', dataDir });
  expect([await staging.exists(), existsSync(dataDir)]).toEqual([false, false]);
  const opened = await staging.open();
  await opened.notes.write('id', 'one');
  expect([await staging.exists(), await staging.notes.read('id')]).toEqual([true, 'one']);
  expect(staging.place).toMatch(`:${dataDir}`);
});

it('cannot be a bucket yet', () => {
  const bucket = {
    endpoint: 'https://oss-cn-hangzhou.aliyuncs.com',
    region: 'cn-hangzhou',
    addressing: 'virtual',
    credentials: { from: 'ecs-role', roleName: 'pixdock' },
    bucket: 'my-staging',
    prefix: '',
  } as const;
  const open = () => stagingOf({ kind: 'bucket', dataDir: '/srv/pixdock', bucket });
  expect(open).toThrow(StartFault);
  expect(open).toThrow('STAGING_URL: is not supported yet');
});
