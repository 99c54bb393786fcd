import { languageOf } from '@pixdock/contract/messages/language';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readDataDir } from '@pixdock/shared/runtime/settings';
import { findKeyFile } from '@pixdock/shared/state/keys/find-key-file';
import { KeyFileLocked } from '@pixdock/shared/state/keys/key-file-lock';
import { KeyFileFault } from '@pixdock/shared/state/keys/parse-key-file';
import type { About } from '../audited.js';
import type { Environment } from '../dot-env.js';
import { say, text } from '../messages/keys.js';
import type { ExitCode, Output } from '../output.js';
import { CannotRun, runCommand } from '../run-command.js';
import { label, revoke } from './change.js';
import { create } from './create.js';
import { list } from './list.js';

export interface KeysOptions {
  owner?: string | undefined;
  scopes?: string | undefined;
  label?: string | undefined;
  expires?: string | undefined;
  json?: boolean | undefined;
}

/** `pixdock-ops keys create | list | label ID | revoke ID`. */
export function keys(
  environment: Environment,
  output: Output,
  action: string,
  id: string | undefined,
  options: KeysOptions,
  about: About = () => {},
): Promise<ExitCode> {
  const language = languageOf(environment);
  return runCommand(
    async () => {
      const files = readSettings(
        environment,
        (read) => ({ path: findKeyFile(read), dataDir: readDataDir(read) }),
        language,
      );
      const context = { ...files, language, output, about };
      if ((action === 'create' || action === 'list') && id !== undefined)
        throw new CannotRun(
          text('unknown-action', { action: `${action} ${id}` }),
          text('unknown-action.fix'),
        );
      try {
        if (action === 'create') return await create(context, options);
        if (action === 'list') return await list(context, options.json ?? false);
        if (action === 'label') return await label(context, id ?? null, options.label);
        if (action === 'revoke') return await revoke(context, id ?? null);
      } catch (error) {
        throw explain(error, files.path);
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
