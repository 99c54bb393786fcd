import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readDataDir } from '@pixdock/shared/runtime/settings';
import { writeDurably } from '@pixdock/shared/state/files/durable';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import { CannotRun, orTell } from '../cannot-run.js';
import type { Environment } from '../dot-env.js';
import { languageOf } from '../language.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { expectFolder } from '../parts.js';
import { type Copied, copyStaging } from './copy-staging.js';

/** Written last: a folder without it is no whole backup. */
export const MANIFEST = 'backup.json';

/** `pixdock-ops backup DIR`: copies staging into a new folder, beside the services. */
export function backup(environment: Environment, output: Output, folder: string): Promise<ExitCode> {
  const language = languageOf(environment);
  return orTell(
    async () => {
      const dataDir = readSettings(environment, readDataDir);
      await expectFolder(dataDir);
      const target = resolve(folder);
      await makeNew(target);
      const takenAt = isoTime();
      const copied = await copyStaging(stagingLayout(dataDir).root, join(target, 'staging'));
      await writeDurably(join(target, MANIFEST), `${JSON.stringify({ takenAt, ...copied })}\n`);
      output.err(told(copied)[language]);
      return EXIT.ok;
    },
    output,
    language,
  );
}

async function makeNew(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length === 0) return;
  throw new CannotRun(
    { en: `${folder} is not empty`, zh: `${folder} 不是空目录` },
    { en: 'Name a new folder for each backup.', zh: '请为每次备份指定新目录。' },
  );
}

/** What a backup has, or gave back. */
export function told({ live, outcomes, deletions, batches }: Copied) {
  return {
    en: `${live} images with their sources, ${outcomes} outcomes, ${deletions} deletions, ${batches} batches copied`,
    zh: `已复制 ${live} 张图片及其源文件、${outcomes} 个结果、${deletions} 个删除请求、${batches} 个批次`,
  };
}
