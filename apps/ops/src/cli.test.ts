import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, it, onTestFinished } from 'vitest';
import { addDotEnv } from './dot-env.js';
import { ops } from './messages/help.js';
import { runOps } from './testing/run-doctor.js';

it.each([
  [['docter'], 'Unknown command: docter: did you mean `doctor`?'],
  [['upload'], 'Unknown command: upload: did you mean `pixdock upload`?'],
  [[], 'Commands:\n  status '],
])('prints usage and exits with 2 for %o', async (args, message) => {
  const { exit, err } = await runOps(args, {});
  expect(exit).toBe(2);
  expect(err).toContain(message);
  expect(err).toContain('$ pixdock-ops <command>');
});

it('says how each command and option is written, in both languages', async () => {
  const wrong = Object.entries(ops.commands).flatMap(([form, command]) => {
    const [name = '', ...args] = form.split(' ');
    const required = args.filter((argument) => argument.startsWith('<')).map(() => 'x');
    const call = [name, ...required];
    const options = Object.keys('options' in command ? command.options : {});
    return [
      [...call, '--nonsense'],
      [name, ...args.map(() => 'x'), 'more'],
      ...(required.length === 0 ? [] : [[name]]),
      ...options.flatMap((option) => (option.includes('<') ? [[...call, option.replace(/ .*/, '')]] : [])),
    ];
  });
  expect(wrong.length).toBeGreaterThan(30);
  for (const args of wrong)
    for (const [locale, example] of [
      ['en_US', /^[A-Z].*\. For example: pixdock-ops .+\npixdock-ops \S+ --help$/],
      ['zh_CN', /^\p{Script=Han}.*。 例如：pixdock-ops .+\npixdock-ops \S+ --help$/u],
    ] as const) {
      const { exit, err } = await runOps(args, { LANG: locale });
      expect([args.join(' '), exit, err]).toEqual([args.join(' '), 2, expect.stringMatching(example)]);
    }
});

it.each([
  ['keys create --owner acme --expires 90', '--expires: "90" is not a duration', '30d'],
  ['keys create --owner acme --expires 0d', '--expires: "0d" is not a duration', '30d'],
  ['keys create --owner acme --expires soon', '--expires: "soon" is not a duration', '30d'],
  ['keys create --owner acme --expires 99999999d', '--expires is longer than a hundred years', '90d'],
  ['keys create --owner acme --expires=-1d', '--expires: "-1d" is not a duration', '30d'],
  ['keys create --owner acme --expired 90d', 'did you mean `--expires <duration>`?', '90d'],
  ['keys create --owner 7!', '"7!" is not the name of an owner', '--owner acme'],
  ['keys create --owner acme --scopes 5', '"5" is not a scope', 'submit'],
  ['keys list all', 'Unknown command: keys list all', 'keys revoke ID'],
  ['reconcile --before 90', '--before: "90" is not a duration', '30d'],
  ['reconcile --before=-5', '--before: "-5" is not a duration', '30d'],
  ['recover --rate 0', '--rate: "0" is not a whole number from 1 to 10000', '1000'],
  ['recover --rate 1e99', '--rate: "1e99" is not a whole number from 1 to 10000', '1000'],
  ['recover --rate fast', '--rate: "fast" is not a whole number from 1 to 10000', '1000'],
  ['status --api 3000', '--api: "3000" is not an http(s) address', 'http://127.0.0.1:3000'],
  ['failures --owner 7!', '--owner: "7!" is not the name of an owner', '--owner acme'],
])('refuses %s with the right form', async (line, problem, form) => {
  const { exit, err } = await runOps(line.split(' '), { DATA_DIR: tmpdir() });
  expect([exit, err]).toEqual([2, expect.stringContaining(problem)]);
  expect(err).toContain(form);
  const chinese = await runOps(line.split(' '), { DATA_DIR: tmpdir(), LANG: 'zh_CN.UTF-8' });
  expect(chinese.err).toMatch(/[：“。]/);
});

it('names a .env file that cannot be read', () => {
  expect(() => addDotEnv(tmpdir(), {})).toThrow('it is a folder (EISDIR)');
});

it('names the settings that `npm start` keeps here, if REDIS_URL is wrong', async () => {
  const before = process.cwd();
  process.chdir(temporaryFolder());
  onTestFinished(() => process.chdir(before));
  expect((await runOps(['status'], {})).err).not.toContain('--env-file');
  mkdirSync('.data');
  writeFileSync('.data/services.env', '');
  expect((await runOps(['status'], {})).err).toMatch(
    /REDIS_URL: is not set[^]*node --env-file=\.data\/services\.env /,
  );
});

it('says that reconcile changes nothing, to a caller of --dry-run', async () => {
  const { err } = await runOps(['reconcile', '--dry-run'], {});
  expect(err).toMatch(/Unknown option `--dry-run`.*pixdock-ops reconcile {2}# only report, change nothing;/);
});

it('prints help on request', async () => {
  const { exit, out } = await runOps(['--help'], {});
  expect([exit, out]).toEqual([0, expect.stringContaining('doctor')]);
});

it.each([[['--help']], [['status', '--help']], [['keys', '--help']]])(
  'prints no English headings in Chinese for %o',
  async (args) => {
    const { out } = await runOps(args, { LANG: 'zh_CN.UTF-8' });
    expect(out).toContain('选项');
    expect(out).not.toMatch(/Usage|Commands|Options|Examples|Display|more info/);
  },
);

it('reports settings in the language of the terminal', async () => {
  const { exit, err } = await runOps(['doctor'], { LANG: 'zh_CN.UTF-8' });
  expect(exit).toBe(78);
  expect(err).toContain('ALIYUN_OSS_BUCKET：未设置\n    处理方法：请填写 Bucket 名称');
});

it('prefers the environment over .env', () => {
  const folder = temporaryFolder();
  const file = join(folder, '.env');
  writeFileSync(file, '# ours\nALIYUN_OSS_BUCKET=from-file\nALIYUN_OSS_REGION="cn-hangzhou"\n');
  expect(addDotEnv(file, { ALIYUN_OSS_BUCKET: 'from-env' })).toEqual({
    ALIYUN_OSS_BUCKET: 'from-env',
    ALIYUN_OSS_REGION: 'cn-hangzhou',
  });
  expect(addDotEnv(`${file}.none`, { A: '1' })).toEqual({ A: '1' });
});
