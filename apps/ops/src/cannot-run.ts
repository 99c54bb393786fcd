import type { Language } from '@pixdock/contract/error';
import type { Text } from '@pixdock/contract/error-table';
import { StorageFault } from '@pixdock/object-store/types';
import { SettingsError } from '@pixdock/shared/runtime/env';
import { describeThrown } from './doctor/finding.js';
import { EXIT, type ExitCode, type Output } from './output.js';

/** Why a command cannot do its work, and what to do about it. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';

  constructor(
    readonly problem: Text,
    readonly fix: Text,
  ) {
    super(problem.en);
  }
}

/** Runs a command; what keeps it from its work is told on stderr, with its fix. */
export async function orTell(
  work: () => Promise<ExitCode>,
  { err }: Output,
  language: Language,
): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SettingsError) err(error.message);
    else if (error instanceof CannotRun) err(`${error.problem[language]}\n  fix: ${error.fix[language]}`);
    else if (error instanceof StorageFault) {
      const { code, detail, fix } = describeThrown(error);
      err(`OSS ${error.operation}: ${code}: ${detail}\n  fix: ${fix[language]}`);
    } else throw error;
    return EXIT.usage;
  }
}
