import { readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readDataDir } from '@pixdock/shared/runtime/settings';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import { CannotRun, orTell } from '../cannot-run.js';
import type { Environment } from '../dot-env.js';
import { languageOf } from '../language.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { MANIFEST, told } from './backup.js';
import { copyStaging, isEmptyStaging } from './copy-staging.js';

/** `pixdock-ops restore DIR`: puts a backup where staging was, while the services are stopped. */
export function restore(environment: Environment, output: Output, folder: string): Promise<ExitCode> {
  const language = languageOf(environment);
  return orTell(
    async () => {
      const { root } = stagingLayout(readSettings(environment, readDataDir));
      await expectWhole(resolve(folder));
      await expectNothing(root);
      const arriving = `${root}.restoring`;
      await rm(arriving, { recursive: true, force: true });
      const copied = await copyStaging(join(folder, 'staging'), arriving);
      // Nothing is in it; whoever is stopped in the middle finds all of the backup there, or none.
      await rm(root, { recursive: true, force: true });
      await rename(arriving, root);
      output.err(told(copied)[language]);
      output.err(NEXT[language]);
      return EXIT.ok;
    },
    output,
    language,
  );
}

async function expectWhole(folder: string): Promise<void> {
  await readFile(join(folder, MANIFEST)).catch(() => {
    throw new CannotRun(
      {
        en: `${folder} is no whole backup: it has no ${MANIFEST}`,
        zh: `${folder} 不是完整的备份：缺少 ${MANIFEST}`,
      },
      {
        en: 'Name a folder that `pixdock-ops backup` has finished.',
        zh: '请指定 `pixdock-ops backup` 已完成的目录。',
      },
    );
  });
}

async function expectNothing(root: string): Promise<void> {
  if (await isEmptyStaging(root)) return;
  throw new CannotRun(
    { en: `${root} is not empty`, zh: `${root} 不为空` },
    {
      en: `Stop the API and all workers, and move it away: mv ${root} ${root}.before`,
      zh: `请停止 API 与所有 worker，并将其移走：mv ${root} ${root}.before`,
    },
  );
}

const NEXT = {
  en: 'Now start the API and the workers, then: pixdock-ops recover, and pixdock-ops reconcile --fix.',
  zh: '接下来请启动 API 与 worker，然后运行 pixdock-ops recover 和 pixdock-ops reconcile --fix。',
};
