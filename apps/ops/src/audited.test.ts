import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NameIn } from '@pixdock/contract/command-line/program';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import { METADATA_KEY } from '@pixdock/shared/testing/metadata-keys';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, it } from 'vitest';
import type { ops } from './messages/help.js';
import { runOps } from './testing/run-doctor.js';

function newLab() {
  const dataDir = temporaryFolder();
  const ops = (args: string[], over = {}) =>
    runOps(args, { DATA_DIR: dataDir, METADATA_KEY, SUDO_USER: 'someone', ...over });
  const folder = join(dataDir, 'audit');
  const lines = () => {
    const [name] = readdirSync(dataDir).includes('audit') ? readdirSync(folder) : [];
    if (name === undefined) return [];
    return readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
  };
  return { dataDir, ops, lines, trail: () => lines().map((line) => JSON.parse(line)) };
}

/** Each command, with whether its line is in the trail. Without REDIS_URL those for Redis fail at once. */
const COMMANDS: Record<NameIn<typeof ops>, [args: string[], action: string | null][]> = {
  status: [[['--json'], null]],
  doctor: [[[], null]],
  failures: [[[], null]],
  conformance: [[[], null]],
  pause: [[[], 'pause']],
  resume: [[[], 'resume']],
  adopt: [[[], 'adopt']],
  reconcile: [
    [[], null],
    [['--fix'], 'reconcile --fix'],
  ],
  recover: [
    [['--dry-run'], null],
    [[], 'recover'],
  ],
  backup: [[['/dev/null/nowhere'], 'backup']],
  restore: [[['/dev/null/nowhere'], 'restore']],
  'move-staging': [[['--to', 'bucket'], 'move-staging']],
  keys: [
    [['list'], null],
    [['create'], 'keys create'],
    [['label', 'key_000000000000', '--label', 'x'], 'keys label'],
    [['revoke', 'key_000000000000'], 'keys revoke'],
  ],
};

it.each(
  Object.entries(COMMANDS).flatMap(([name, all]) =>
    all.map(([args, action]) => [[name, ...args], action] as const),
  ),
)('has a line for a failed %j only if the command changes something', async (args, action) => {
  const { ops, trail } = newLab();
  await ops([...args]).catch(() => {});
  const wanted = { action: `pixdock-ops ${action}`, outcome: 'failed', user: 'someone' };
  expect(trail()).toMatchObject(action === null ? [] : [wanted]);
});

it('names the owner and the key of a command for keys, and never the key itself', async () => {
  const { ops, trail, lines } = newLab();
  const { out } = await ops(['keys', 'create', '--owner', 'acme', '--label', 'a secret label']);
  const [{ object: id }] = trail();
  await ops(['keys', 'label', id, '--label', 'shop']);
  await ops(['keys', 'revoke', id]);
  // Changes nothing, and the word may be a key.
  await ops(['keys', out]);
  const facts = { outcome: 'done', owner: 'acme', object: id, keyId: null, address: null, requestId: null };
  expect(trail()).toMatchObject([
    { action: 'pixdock-ops keys create', ...facts },
    { action: 'pixdock-ops keys label', ...facts },
    { action: 'pixdock-ops keys revoke', ...facts },
  ]);
  expect(lines().join('\n')).not.toContain(out);
  expect(lines().join('\n')).not.toMatch(/a secret label|shop/);
});

it('notes backup and restore, and prints lines to stderr if AUDIT_LOG is stdout', async () => {
  const { dataDir, ops, trail } = newLab();
  await openStaging(dataDir);
  const target = join(dataDir, 'copy');
  expect((await ops(['backup', target])).exit).toBe(0);
  expect((await ops(['restore', target])).exit).toBe(0);
  expect(trail()).toMatchObject([
    { action: 'pixdock-ops backup', outcome: 'done' },
    { action: 'pixdock-ops restore', outcome: 'done' },
  ]);
  const printed = await ops(['keys', 'create', '--owner', 'acme'], { AUDIT_LOG: 'stdout' });
  expect(printed.out).toMatch(/^pxd_[\w-]+$/);
  expect(printed.err).toContain('"action":"pixdock-ops keys create"');
  expect(trail()).toHaveLength(2);
});
