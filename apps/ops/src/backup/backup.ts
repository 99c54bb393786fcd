import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readStagingSettings, type StagingSettings } from '@pixdock/object-store/staging-settings';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readMetadataKeyPairs } from '@pixdock/shared/runtime/metadata-keys';
import { writeDurably } from '@pixdock/shared/state/files/durable';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { stagingFolder } from '@pixdock/shared/state/folder-staging/open-staging';
import { say, text } from '../messages/backup.js';
import { CannotRun, type Context, EXIT, type ExitCode } from '../run-command.js';
import { existingStaging } from '../services.js';
import { copyStaging } from './copy-staging.js';

/** The keys of METADATA_KEY. */
export const KEYS_FILE = 'metadata-key';
/** Written last: a folder without it is an incomplete backup. */
export const MANIFEST = 'backup.json';

/** `pixdock-ops backup DIR`: copies staging and METADATA_KEY into a new folder while the services run. */
export async function backup({ environment, output, language }: Context, folder: string): Promise<ExitCode> {
  const { staging, pairs } = readSettings(
    environment,
    (read) => ({ staging: readStagingSettings(read), pairs: readMetadataKeyPairs(read) }),
    language,
  );
  expectFolder(staging);
  await existingStaging(staging);
  const target = resolve(folder);
  await createEmpty(target);
  const takenAt = isoTime();
  const copied = await copyStaging(stagingFolder(staging.dataDir), join(target, 'staging'));
  const keys = pairs.map(({ name, key }) => `${name}:${key}\n`).join('');
  await writeDurably(join(target, KEYS_FILE), keys);
  await writeDurably(join(target, MANIFEST), `${JSON.stringify({ takenAt, ...copied })}\n`);
  output.err(say(language, 'copied', copied));
  return EXIT.ok;
}

/** @throws CannotRun if staging is a bucket, which needs no copy of a folder */
export function expectFolder({ kind }: StagingSettings): void {
  if (kind === 'bucket') throw new CannotRun(text('staging-in-bucket'), text('staging-in-bucket.fix'));
}

async function createEmpty(folder: string): Promise<void> {
  await makeFolder(folder);
  if ((await readdir(folder)).length === 0) return;
  throw new CannotRun(text('target-not-empty', { folder }), text('target-not-empty.fix'));
}
