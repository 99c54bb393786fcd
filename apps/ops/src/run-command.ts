import { existsSync } from 'node:fs';
import type { Language, Text } from '@pixdock/contract/messages/text';
import { StorageFault } from '@pixdock/object-store/types';
import { isFileError } from '@pixdock/shared/runtime/file-errors';
import { describeFileError } from '@pixdock/shared/runtime/messages/files';
import { SettingsError } from '@pixdock/shared/runtime/settings-error';
import { StartFault } from '@pixdock/shared/runtime/start-fault';
import { describeThrown } from './doctor/finding.js';
import type { Environment } from './dot-env.js';
import { say } from './messages/common.js';

/** Writes one line to stdout (results) or stderr (everything else). */
export interface Output {
  out: (line: string) => void;
  err: (line: string) => void;
  /** Clears the screen of a terminal. */
  clear?: () => void;
}

/** Where a command runs, and for whom. */
export interface Context {
  environment: Environment;
  output: Output;
  language: Language;
}

/** `config` is EX_CONFIG of sysexits.h, as of the services; `interrupted` is what shells report after Ctrl-C. */
export const EXIT = { ok: 0, fault: 1, usage: 2, config: 78, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A problem that keeps a command from running, and its fix. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';

  constructor(
    readonly problem: Text,
    readonly fix: Text,
  ) {
    super(problem.en);
  }
}

/** What `npm start` saves for this command, in the checkout. */
const SERVICES_ENV = '.data/services.env';

/**
 * Runs a command; prints CannotRun, StorageFault and errors of files to stderr and returns EXIT.usage for them, and EXIT.config for
 * faults of settings.
 */
export async function runCommand(
  work: () => Promise<ExitCode>,
  { err }: Output,
  language: Language,
): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    const fault = error instanceof StartFault ? error.toSettingsError(language) : error;
    if (fault instanceof SettingsError) {
      err(fault.message);
      const lacksRedis = fault.faults.some(({ name }) => name === 'REDIS_URL');
      if (lacksRedis && existsSync(SERVICES_ENV)) err(say(language, 'services-env', { file: SERVICES_ENV }));
      return EXIT.config;
    }
    if (error instanceof CannotRun)
      err(say(language, 'problem', { problem: error.problem[language], fix: error.fix[language] }));
    else if (error instanceof StorageFault) {
      const { code, detail, fix } = describeThrown(error);
      const facts = { operation: error.operation, code, detail: detail[language] };
      const problem = say(language, 'oss-problem', facts);
      err(say(language, 'problem', { problem, fix: fix[language] }));
    } else if (isFileError(error)) {
      const { reason, fix } = describeFileError(error);
      const problem = `${(error as NodeJS.ErrnoException).path ?? ''}: ${reason[language]}`;
      err(say(language, 'problem', { problem, fix: fix[language] }));
    } else throw error;
    return EXIT.usage;
  }
}
