import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, it } from 'vitest';
import { runOps } from '../testing/run-doctor.js';

function newLab() {
  const dataDir = temporaryFolder();
  const keys = (...args: string[]) => runOps(['keys', ...args], { DATA_DIR: dataDir });
  return { dataDir, file: join(dataDir, 'keys.json'), keys };
}

it('prints a created key once, alone on stdout', async () => {
  const { file, keys } = newLab();
  const began = Date.now();
  const { exit, out, err } = await keys(
    'create',
    '--owner',
    'acme',
    '--scopes',
    'read,admin',
    '--expires',
    '90d',
  );
  expect([exit, out]).toEqual([0, expect.stringMatching(/^pxd_[\w-]{43}$/)]);
  expect(err).toMatch(/^key_[0-9a-f]{12} of acme: read,admin; expires at 20/);
  const ended = Date.now();
  expect(err).toContain(`in ${file}.`);
  expect(readFileSync(file, 'utf8')).not.toContain(out);
  const listed = await keys('list', '--json');
  expect(JSON.parse(listed.out)).toMatchObject({ owner: 'acme', scopes: ['read', 'admin'], state: 'active' });
  const madeAt = Date.parse(JSON.parse(listed.out).expiresAt) - 90 * 24 * 3600_000;
  expect(madeAt).toBeGreaterThanOrEqual(began);
  expect(madeAt).toBeLessThanOrEqual(ended);
  expect(listed.out).not.toContain('hash');
});

it('lists and revokes keys', async () => {
  const { dataDir, keys } = newLab();
  expect((await keys('list')).err).toContain('has no keys');
  await keys('create', '--owner', 'acme', '--label', '收银台', '--expires', '1h');
  await keys('create', '--owner', 'other');
  const { out } = await keys('list');
  expect(out.split('\n')).toEqual([
    expect.stringMatching(/^ID +OWNER +SCOPES +CREATED +LAST USED +EXPIRES +STATE +LABEL$/),
    expect.stringMatching(
      /^key_\w{12} +acme +submit,read,delete,webhooks +\S+ +- +\d{4}-\d\d-\d\dT\d\d:\d\dZ +active +收银台$/,
    ),
    expect.stringMatching(/^key_\w{12} +other +submit,read,delete,webhooks +\S+ +- +- +active$/),
  ]);
  const chinese = await runOps(['keys', 'list'], { DATA_DIR: dataDir, DEFAULT_LANGUAGE: 'zh' });
  expect(chinese.out.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'ID 租户 权限 创建 最近使用 到期 状态 备注',
    expect.stringMatching(/ - \S+Z 有效 收银台$/),
    expect.stringMatching(/ - - 有效$/),
  ]);
  // The two characters of 租户 take four columns of the terminal, so two spaces fewer follow.
  expect(chinese.out.split('\n').map((line) => line.search(/权限|submit/))).toEqual([23, 25, 25]);
  const [id = ''] = /key_\w{12}/.exec(out) ?? [];
  expect(await keys('revoke', id)).toMatchObject({ exit: 0, err: expect.stringContaining(`${id} of acme`) });
  expect((await keys('list')).out).toMatch(/acme .* revoked +收银台\n.*other .* active$/);
});

it('labels a key and shows when it was last used', async () => {
  const { file, keys } = newLab();
  await keys('create', '--owner', 'acme');
  const only = async () => JSON.parse((await keys('list', '--json')).out);
  const { id, ...created } = await only();
  expect(created).toMatchObject({ label: null, lastUsedAt: null, createdAt: expect.any(String) });
  expect(await keys('label', id, '--label', '2026')).toMatchObject({
    exit: 0,
    err: `${id} of acme is labeled "2026".`,
  });
  const used = join(file, '..', 'key-uses', id);
  mkdirSync(join(used, '..'));
  writeFileSync(used, '');
  utimesSync(used, new Date('2027-01-31T08:00:00Z'), new Date('2027-01-31T08:00:00Z'));
  expect(await only()).toMatchObject({ label: '2026', lastUsedAt: '2027-01-31T08:00:00.000Z' });
  expect((await keys('list')).out).toContain('2027-01-31T08:00Z');
  await keys('revoke', id);
  expect(await only()).toMatchObject({ state: 'revoked', lastUsedAt: '2027-01-31T08:00:00.000Z' });
});

it.each([
  [['create', '--owner', 'acme', '--label', 'x'.repeat(65)], 'The label is longer than 64 characters'],
  [['create', '--owner', 'acme', '--label', 'a\u202eb'], 'contains control characters'],
  [['label', 'key_000000000000'], '--label is missing'],
  [['label', 'key_000000000000', '--label', ''], '--label is missing'],
  [['label', 'key_000000000000', '--label', 'x'], 'has no key key_000000000000'],
  [['create'], '--owner is missing'],
  [['create', '--owner', 'a b'], '"a b" is not the name of an owner'],
  [['create', '--owner', 'acme', '--scopes', 'write'], '"write" is not a scope'],
  [['create', '--owner', 'acme', '--expires', 'soon'], '"soon" is not a duration'],
  [['revoke'], 'The id of the key is missing'],
  [['revoke', 'key_000000000000'], 'has no key key_000000000000'],
  [['delete'], 'Unknown command: keys delete'],
])('exits with 2 for keys %j and says what to do', async (args, message) => {
  const { exit, err } = await newLab().keys(...args);
  expect(exit).toBe(2);
  expect(err).toContain(message);
  expect(err).toContain('fix: ');
});

it('does not overwrite a damaged key file', async () => {
  const { file, keys } = newLab();
  writeFileSync(file, 'acme:key');
  expect(await keys('create', '--owner', 'acme')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('not JSON'),
  });
  expect(readFileSync(file, 'utf8')).toBe('acme:key');
});

it.each([
  ['revoke', ['key_000000000000'], 'ENOENT'],
  ['create', ['--owner', 'acme'], 'ENOTDIR'],
])('exits with 2 when keys %s cannot change the file', async (action, args, code) => {
  const { file } = newLab();
  writeFileSync(file, '');
  const dataDir = code === 'ENOTDIR' ? join(file, 'data') : join(file, '..', 'none');
  const { exit, err } = await runOps(['keys', action, ...args], { DATA_DIR: dataDir });
  expect(exit).toBe(2);
  expect(err).toContain(`the file cannot be changed (${code})`);
  expect(err).toContain('fix: run the command as the user of the API');
});
