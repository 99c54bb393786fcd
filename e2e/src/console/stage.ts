import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCOPES } from '@pixdock/contract/scope';
import { addKey } from '@pixdock/shared/state/keys/key-file';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import type { Browser } from 'playwright-core';
import { startChromium } from '../harness/chromium.js';
import { type Stack, startStack } from '../harness/stack.js';

/** The key of a merchandiser, one that may operate the service, and one that may not even delete. */
export const KEY = 'key-of-the-owner-acme';
export const OPERATOR_KEY = 'key-of-the-owner-operator';
export const READER_KEY = 'key-of-the-owner-reader';

/** One stack and one browser for all tests of the console. */
export interface ConsoleStage extends AsyncDisposable {
  stack: Stack;
  source: SourceServer;
  browser: Browser;
  /** The origins that the page may load from: the API, and the bucket with the published images. */
  origins: string[];
}

export async function startConsoleStage(
  chromium: string,
  images: Readonly<Record<string, Buffer>>,
): Promise<ConsoleStage> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-console-'));
  const source = await startSourceServer({
    images: Object.fromEntries(
      Object.entries(images).map(([name, bytes]) => [name, { bytes, type: 'image/jpeg' }] as const),
    ),
  });
  const keys = join(folder, 'keys.json');
  for (const [key, scopes] of [
    [OPERATOR_KEY, SCOPES],
    [READER_KEY, ['submit', 'read']],
  ] as const)
    await addKey(keys, key, { owner: 'acme', scopes: [...scopes], expiresAt: null });
  const profiles = join(folder, 'profiles.json');
  const variants = { main: {} };
  const reviewed = { review: ['manual'], variants };
  await writeFile(profiles, JSON.stringify({ reviewed, receipts: { visibility: 'private', variants } }));
  const settings = {
    SOURCE_ALLOW: source.host,
    SOURCE_PORTS: source.host.split(':')[1] ?? '',
    API_KEYS_FILE: keys,
    PROFILES_FILE: profiles,
  };
  const [stack, browser] = await Promise.all([startStack(settings), startChromium(chromium)]);
  return {
    stack,
    source,
    browser,
    origins: [stack.api.url, stack.env.ALIYUN_OSS_FILE_DOMAIN ?? ''].map((url) => new URL(url).origin),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await stack.stop();
      await source.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
