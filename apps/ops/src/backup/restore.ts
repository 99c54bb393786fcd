import { readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readStagingSettings } from '@pixdock/object-store/staging-settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import { writeDurably } from '@pixdock/shared/state/files/durable';
import { readIfThere } from '@pixdock/shared/state/files/optional-file';
import { stagingFolder } from '@pixdock/shared/state/folder-staging/open-staging';
import { say, text } from '../messages/backup.js';
import { CannotRun, type Context, EXIT, type ExitCode } from '../run-command.js';
import { expectFolder, KEYS_FILE, MANIFEST } from './backup.js';
import { copyStaging, isEmptyStaging } from './copy-staging.js';

/** `pixdock-ops restore DIR`: restores staging from a backup while the services are stopped. */
export async function restore({ environment, output, language }: Context, folder: string): Promise<ExitCode> {
  const staging = readSettings(environment, (read) => readStagingSettings(read), language);
  expectFolder(staging);
  const { dataDir } = staging;
  const root = stagingFolder(dataDir);
  await expectComplete(resolve(folder));
  await expectEmpty(root);
  const incoming = `${root}.restoring`;
  await rm(incoming, { recursive: true, force: true });
  const copied = await copyStaging(join(folder, 'staging'), incoming);
  // The rename makes the restore atomic: after a crash, either all of the backup is there or none.
  await rm(root, { recursive: true, force: true });
  await rename(incoming, root);
  output.err(say(language, 'copied', copied));
  const keys = await restoreKeys(folder, dataDir);
  if (keys !== null) output.err(say(language, 'keys-restored', { keys }));
  output.err(say(language, 'next-steps'));
  return EXIT.ok;
}

/** Brings METADATA_KEY back to where `npm start` keeps it. @returns the file; null if the keys are there already */
async function restoreKeys(folder: string, dataDir: string): Promise<string | null> {
  const kept = await readFile(join(folder, KEYS_FILE), 'utf8');
  const path = join(dataDir, KEYS_FILE);
  const present = await readIfThere(path);
  if (present === null) await writeDurably(path, kept);
  return present === kept ? null : present === null ? path : join(resolve(folder), KEYS_FILE);
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
