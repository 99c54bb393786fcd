import type { Language, Text } from '@pixdock/contract/messages/text';
import { describeFileError } from './messages/files.js';
import { text } from './messages/start.js';
import { SettingsError } from './settings-error.js';

/** A fault of a setting or its environment that shows only when it is used: a port that is taken, a missing disk. */
export class StartFault extends Error {
  override readonly name: string = 'StartFault';

  constructor(
    readonly setting: string,
    readonly problem: Text,
    readonly fix: Text,
  ) {
    super(`${setting}: ${problem.en}`);
  }

  /** As one of the settings, in the language of the operator. */
  toSettingsError(language: Language): SettingsError {
    const { setting: name, problem, fix } = this;
    return new SettingsError([{ name, problem: problem[language], fix: fix[language] }], language);
  }
}

/** The fault of DATA_DIR behind an error of the file system; null for another error. */
export function dataDirFault(error: unknown, dataDir: string): StartFault | null {
  if (!(error instanceof Error)) return null;
  const { path } = error as NodeJS.ErrnoException;
  if (path === undefined || (path !== dataDir && !path.startsWith(`${dataDir}/`))) return null;
  const { reason, fix } = describeFileError(error);
  return new StartFault('DATA_DIR', text('data-dir-unusable', { reason }), fix);
}
