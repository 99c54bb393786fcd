import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { addDotEnv } from './dot-env.js';
import { runOps } from './testing/run-doctor.js';

it.each([
  [['docter'], 'Unknown command: docter'],
  [[], 'Which command?'],
  [['doctor', '--jsno'], 'Unknown option'],
])('prints usage and exits with 2 for %o', async (args, message) => {
  const help = vi.spyOn(console, 'info').mockImplementation(() => {});
  const { exit, err } = await runOps(args, {});
  expect(exit).toBe(2);
  expect(err).toContain(message);
  expect(help.mock.calls.join()).toContain('pixdock-ops');
  help.mockRestore();
});

it('prints help on request', async () => {
  const help = vi.spyOn(console, 'info').mockImplementation(() => {});
  expect((await runOps(['--help'], {})).exit).toBe(0);
  expect(help.mock.calls.join()).toContain('doctor');
  help.mockRestore();
});

it.each([[['--help']], [['status', '--help']], [['keys', '--help']]])(
  'prints no English headings in Chinese for %o',
  async (args) => {
    const help = vi.spyOn(console, 'info').mockImplementation(() => {});
    await runOps(args, { LANG: 'zh_CN.UTF-8' });
    const text = help.mock.calls.join();
    help.mockRestore();
    expect(text).toContain('选项');
    expect(text).not.toMatch(/Usage|Commands|Options|Examples|Display|more info/);
  },
);

it('reports settings in the language of the terminal', async () => {
  const { exit, err } = await runOps(['doctor'], { LANG: 'zh_CN.UTF-8' });
  expect(exit).toBe(2);
  expect(err).toContain('ALIYUN_OSS_BUCKET：未设置\n    处理方法：请填写 Bucket 名称');
});

it('prefers the environment over .env', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ops-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, '.env');
  writeFileSync(file, '# ours\nALIYUN_OSS_BUCKET=from-file\nALIYUN_OSS_REGION="cn-hangzhou"\n');
  expect(addDotEnv(file, { ALIYUN_OSS_BUCKET: 'from-env' })).toEqual({
    ALIYUN_OSS_BUCKET: 'from-env',
    ALIYUN_OSS_REGION: 'cn-hangzhou',
  });
  expect(addDotEnv(`${file}.none`, { A: '1' })).toEqual({ A: '1' });
});
