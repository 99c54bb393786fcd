/* A process that sees another folder than the installation, such as the mount point of a disk that is missing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { startError } from '../harness/processes.js';
import { type Stack, startStack } from '../harness/stack.js';
import { runOps } from '../ops/support.js';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  stack = await startStack();
  folder = await mkdtemp(join(tmpdir(), 'pixdock-other-'));
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

test('refuses to start with another folder, names both, and follows an adoption', async () => {
  const image = await uploadAndWait(stack, await photo());
  const other = { ...stack.env, DATA_DIR: folder };
  for (const app of ['api', 'worker'] as const) {
    const failure = await startError(app, other);
    expect(failure).toContain('ended with 78');
    expect(failure).toMatch(new RegExp(`DATA_DIR: .*:${folder} is not the staging .*:${stack.dataDir}`));
  }
  expect((await ask(stack, '/readyz')).status).toBe(200);
  expect((await ask(stack, `/v1/images/${image.id}`)).body.status).toBe('published');

  const seen = await runOps({ env: other }, ['status']);
  expect(seen.out).toMatch(new RegExp(`✗ DATA_DIR: .*:${folder} is not the staging .*:${stack.dataDir}`));
  expect((await runOps(stack, ['status'])).out).not.toContain('DATA_DIR');
  expect((await runOps({ env: other }, ['doctor'])).out).toMatch(
    new RegExp(`✗ staging +OtherStaging: .*:${folder} is not the staging .*\\n +fix: mount that folder`),
  );
  const [own, others] = await Promise.all([stack.dataDir, folder].map(idIn));
  expect((await runOps(stack, ['doctor'])).out).toMatch(`✓ staging   staging ${own}; `);
  expect(await runOps({ env: other }, ['adopt'])).toMatchObject({
    exit: 0,
    out: expect.stringContaining(folder),
  });
  const { status, body } = await ask(stack, '/readyz');
  expect([status, body.code, body.detail]).toEqual([
    503,
    'queue_unavailable',
    expect.stringMatching(`another staging .${own?.slice(0, 8)}. .* belongs to .${others?.slice(0, 8)}`),
  ]);
  await runOps(stack, ['adopt']);
  await until('the API to be ready', 30, async () =>
    (await ask(stack, '/readyz')).status === 200 ? true : null,
  );
  expect((await uploadAndWait(stack, await photo())).status).toBe('published');
});

const idIn = (dataDir: string) => readFile(join(dataDir, 'staging', 'id'), 'utf8');
