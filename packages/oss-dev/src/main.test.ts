import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { send } from './testing/http.js';
import { temporaryDirectory } from './testing/test-oss.js';

const MAIN = join(import.meta.dirname, '../dist/main.js');

test('prints the settings that use it and exits cleanly on a signal', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = spawn(process.execPath, [MAIN], { env: await environment() });
    const exit = once(child, 'exit');
    const output = text(child.stdout);
    const settings = await vi.waitFor(() => {
      expect(output()).toContain('ALIBABA_CLOUD_ACCESS_KEY_SECRET=');
      return Object.fromEntries(
        output()
          .split('\n')
          .map((line) => line.split('=')),
      );
    }, 15_000);
    expect(settings).toMatchObject({
      ALIYUN_OSS_REGION: 'cn-hangzhou',
      ALIYUN_OSS_BUCKET: 'pixdock-dev',
      ALIYUN_OSS_ADDRESSING: 'path',
      ALIYUN_OSS_FILE_DOMAIN: `${settings['ALIYUN_OSS_ENDPOINT']}/pixdock-dev`,
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI-pixdock-dev',
    });
    const port = Number(new URL(String(settings['ALIYUN_OSS_ENDPOINT'])).port);
    expect((await send({ port }, { path: '/pixdock-dev/a' })).status).toBe(404);
    child.kill(signal);
    expect(await exit).toEqual([0, null]);
  }
});

test('sends its port, bucket and keys to its parent and exits with it', async () => {
  const child = fork(MAIN, { env: await environment(), silent: true });
  const exit = once(child, 'exit');
  const [message] = (await once(child, 'message')) as [{ type: string; port: number }];
  expect(message).toMatchObject({
    type: 'ready',
    port: expect.any(Number),
    bucket: 'pixdock-dev',
    accessKeyId: 'LTAI-pixdock-dev',
    accessKeySecret: 'pixdock-dev-secret',
  });
  expect((await send(message, { path: '/pixdock-dev/a' })).status).toBe(404);
  child.disconnect();
  expect(await exit).toEqual([0, null]);
});

test('refuses to start in production', async () => {
  const env = { ...(await environment()), NODE_ENV: 'production' };
  const child = spawn(process.execPath, [MAIN], { env });
  const errors = text(child.stderr);
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(errors()).toMatch(/NODE_ENV is production/);
});

async function environment(): Promise<NodeJS.ProcessEnv> {
  return { PATH: process.env['PATH'], OSS_DEV_PORT: '0', OSS_DEV_DATA_DIR: await temporaryDirectory() };
}

function text(stream: NodeJS.ReadableStream): () => string {
  let all = '';
  stream.on('data', (chunk: Buffer) => (all += chunk.toString()));
  return () => all;
}
