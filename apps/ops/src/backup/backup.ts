import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { languageOf } from '@pixdock/contract/messages/language';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readMetadataKeyPairs } from '@pixdock/shared/runtime/metadata-keys';
import { readDataDir } from '@pixdock/shared/runtime/settings';
import { writeDurably } from '@pixdock/shared/state/files/durable';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import type { Environment } from '../dot-env.js';
import { say, text } from '../messages/backup.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { CannotRun, runCommand } from '../run-command.js';
import { expectStaging } from '../services.js';
import { copyStaging } from './copy-staging.js';

/** The keys of METADATA_KEY. */
export const KEYS_FILE = 'metadata-key';
/** Written last: a folder without it is an incomplete backup. */
export const MANIFEST = 'backup.json';

/** `pixdock-ops backup DIR`: copies staging and METADATA_KEY into a new folder while the services run. */
export function backup(environment: Environment, output: Output, folder: string): Promise<ExitCode> {
  const language = languageOf(environment);
  return runCommand(
    async () => {
      const { dataDir, pairs } = readSettings(
        environment,
        (read) => ({ dataDir: readDataDir(read), pairs: readMetadataKeyPairs(read) }),
        language,
      );
      await expectStaging(dataDir);
      const target = resolve(folder);
      await createEmpty(target);
      const takenAt = isoTime();
      const copied = await copyStaging(stagingLayout(dataDir).root, join(target, 'staging'));
      const keys = pairs.map(({ name, key }) => `${name}:${key}\n`).join('');
      await writeDurably(join(target, KEYS_FILE), keys);
      await writeDurably(join(target, MANIFEST), `${JSON.stringify({ takenAt, ...copied })}\n`);
      output.err(say(language, 'copied', copied));
      return EXIT.ok;
    },
    output,
    language,
  );
}

async function createEmpty(folder: string): Promise<void> {
  await makeFolder(folder);
  if ((await readdir(folder)).length === 0) return;
  throw new CannotRun(text('target-not-empty', { folder }), text('target-not-empty.fix'));
}
