import type { Language, Text } from '@pixdock/contract/messages/text';
import { StorageFault } from '@pixdock/object-store/types';
import { SettingsError } from '@pixdock/shared/runtime/settings-error';
import { describeThrown } from './doctor/finding.js';
import { say } from './messages/common.js';
import { EXIT, type ExitCode, type Output } from './output.js';

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

/** Runs a command; prints SettingsError, CannotRun and StorageFault to stderr and returns EXIT.usage for them. */
export async function runCommand(
  work: () => Promise<ExitCode>,
  { err }: Output,
  language: Language,
): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SettingsError) err(error.message);
    else if (error instanceof CannotRun)
      err(say(language, 'problem', { problem: error.problem[language], fix: error.fix[language] }));
    else if (error instanceof StorageFault) {
      const { code, detail, fix } = describeThrown(error);
      const facts = { operation: error.operation, code, detail: detail[language] };
      const problem = say(language, 'oss-problem', facts);
      err(say(language, 'problem', { problem, fix: fix[language] }));
    } else throw error;
    return EXIT.usage;
  }
}
