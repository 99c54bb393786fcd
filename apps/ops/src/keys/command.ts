import { languageOf } from '@pixdock/contract/messages/language';
import { readSettings } from '@pixdock/shared/runtime/env';
import { findKeyFile } from '@pixdock/shared/state/keys/find-key-file';
import { KeyFileLocked } from '@pixdock/shared/state/keys/key-file-lock';
import { KeyFileFault } from '@pixdock/shared/state/keys/parse-key-file';
import type { Environment } from '../dot-env.js';
import { say, text } from '../messages/keys.js';
import type { ExitCode, Output } from '../output.js';
import { CannotRun, runCommand } from '../run-command.js';
import { create } from './create.js';
import { list } from './list.js';
import { revoke } from './revoke.js';

export interface KeysOptions {
  owner?: string;
  scopes?: string;
  expires?: string;
  json?: boolean;
}

/** `pixdock-ops keys create | list | revoke ID`. */
export function keys(
  environment: Environment,
  output: Output,
  action: string,
  id: string | undefined,
  options: KeysOptions,
): Promise<ExitCode> {
  const language = languageOf(environment);
  return runCommand(
    async () => {
      const path = readSettings(environment, findKeyFile, language);
      const context = { path, language, output };
      try {
        if (action === 'create') return await create(context, options);
        if (action === 'list') return await list(context, options.json ?? false);
        if (action === 'revoke') return await revoke(context, id ?? null);
      } catch (error) {
        throw explain(error, path);
      }
      throw new CannotRun(text('unknown-action', { action }), text('unknown-action.fix'));
    },
    output,
    language,
  );
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof KeyFileLocked)
    return new CannotRun(text('locked', { lock: error.lock }), text('locked.fix'));
  if (!(error instanceof KeyFileFault)) return error;
  const problem = { path, problem: error.message };
  const both = { en: error.fix, zh: error.fix };
  return new CannotRun({ en: say('en', 'broken', problem), zh: say('zh', 'broken', problem) }, both);
}
