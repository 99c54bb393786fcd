import { readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { languageOf } from '@pixdock/contract/messages/language';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readDataDir } from '@pixdock/shared/runtime/settings';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import type { Environment } from '../dot-env.js';
import { say, text } from '../messages/backup.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { CannotRun, runCommand } from '../run-command.js';
import { MANIFEST } from './backup.js';
import { copyStaging, isEmptyStaging } from './copy-staging.js';

/** `pixdock-ops restore DIR`: restores staging from a backup while the services are stopped. */
export function restore(environment: Environment, output: Output, folder: string): Promise<ExitCode> {
  const language = languageOf(environment);
  return runCommand(
    async () => {
      const { root } = stagingLayout(readSettings(environment, readDataDir));
      await expectComplete(resolve(folder));
      await expectEmpty(root);
      const incoming = `${root}.restoring`;
      await rm(incoming, { recursive: true, force: true });
      const copied = await copyStaging(join(folder, 'staging'), incoming);
      // The rename makes the restore atomic: after a crash, either all of the backup is there or none.
      await rm(root, { recursive: true, force: true });
      await rename(incoming, root);
      output.err(say(language, 'copied', copied));
      output.err(say(language, 'next-steps'));
      return EXIT.ok;
    },
    output,
    language,
  );
}

async function expectComplete(folder: string): Promise<void> {
  await readFile(join(folder, MANIFEST)).catch(() => {
    throw new CannotRun(
      text('incomplete-backup', { folder, manifest: MANIFEST }),
      text('incomplete-backup.fix'),
    );
  });
}

async function expectEmpty(root: string): Promise<void> {
  if (await isEmptyStaging(root)) return;
  throw new CannotRun(text('staging-not-empty', { root }), text('staging-not-empty.fix', { root }));
}
