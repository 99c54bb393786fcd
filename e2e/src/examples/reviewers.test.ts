import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { until, untilFinal, upload } from '../harness/client.js';
import { endProcess } from '../harness/end-process.js';
import { photo } from '../harness/pictures.js';
import { startStack } from '../harness/stack.js';

const RULES = fileURLToPath(new URL('../../../examples/reviewers/rules/reviewer.mjs', import.meta.url));
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

test('the reviewer with fixed rules approves, holds and rejects, and answers nobody else', async () => {
  const [port, folder] = [await freePort(), temporaryFolder()];
  const url = `http://127.0.0.1:${port}/`;
  const listed = await photo(300, 240);
  const blocked = join(folder, 'blocked');
  writeFileSync(blocked, `${createHash('sha256').update(listed).digest('hex')}\n`);
  const profiles = join(folder, 'profiles.json');
  writeFileSync(profiles, JSON.stringify({ reviewed: { review: ['http'], variants: { main: {} } } }));
  const env = {
    PATH: process.env.PATH ?? '',
    PORT: String(port),
    REVIEW_HTTP_SECRET: SECRET,
    BLOCKED_FILE: blocked,
  };
  const child = killOnExit(spawn(process.execPath, [RULES], { env, stdio: 'ignore' }));
  onTestFinished(() => endProcess(child, 10_000));
  await until('the reviewer', 30, async () => ((await fetch(url)).status === 500 ? true : null));
  const stack = await startStack({
    PROFILES_FILE: profiles,
    REVIEW_HTTP_URL: url,
    REVIEW_HTTP_SECRET: SECRET,
    WEBHOOK_ALLOW: new URL(url).host,
  });
  onTestFinished(() => stack.stop());
  const send = async (bytes: Buffer) =>
    (await upload(stack, bytes, { fields: { profile: 'reviewed' } })).body.id;
  expect((await untilFinal(stack, await send(await photo(320, 240)))).status).toBe('published');
  expect((await untilFinal(stack, await send(listed))).error).toMatchObject({
    code: 'content_rejected',
    detail: expect.stringContaining('listed'),
  });
  const small = await send(await photo(120, 100));
  await until('the small picture to be held', 30, async () =>
    stack.redis.cli('zcard', '{pixdock}:held') === '1' ? true : null,
  );
  expect(small).toMatch(/^img_/);

  const form = new FormData();
  form.append('event', '{"data":{}}');
  form.append('image', new Blob(['x']));
  expect((await fetch(url, { method: 'POST', body: form })).status).toBe(403);
});
