import { readSettings } from '@pixdock/shared/runtime/env';
import { readDataDir } from '@pixdock/shared/runtime/settings';
import { findKeyFile } from '@pixdock/shared/state/keys/find-key-file';
import { labelKey, revokeKey } from '@pixdock/shared/state/keys/key-file';
import { KeyFileLocked } from '@pixdock/shared/state/keys/key-file-lock';
import { KeyFileFault } from '@pixdock/shared/state/keys/parse-key-file';
import type { StoredKey } from '@pixdock/shared/state/keys/stored-key';
import type { About } from '../audited.js';
import { say, text } from '../messages/keys.js';
import { CannotRun, type Context, EXIT, type ExitCode } from '../run-command.js';
import { create, type KeysContext, type KeysOptions, parseLabel } from './create.js';
import { list } from './list.js';

/** `pixdock-ops keys create | list | label ID | revoke ID`. */
export async function keys(
  { environment, output, language }: Context,
  action: string,
  id: string | undefined,
  options: KeysOptions,
  about: About = () => {},
): Promise<ExitCode> {
  const files = readSettings(
    environment,
    (read) => ({ path: findKeyFile(read), dataDir: readDataDir(read) }),
    language,
  );
  const context = { ...files, language, output, about };
  if ((action === 'create' || action === 'list') && id !== undefined)
    throw new CannotRun(text('unknown-action', { action: `${action} ${id}` }), text('unknown-action.fix'));
  try {
    if (action === 'create') return await create(context, options);
    if (action === 'list') return await list(context, options.json ?? false);
    if (action === 'label') return await label(context, id ?? null, options.label);
    if (action === 'revoke') return await revoke(context, id ?? null);
  } catch (error) {
    throw explain(error, files.path);
  }
  throw new CannotRun(text('unknown-action', { action }), text('unknown-action.fix'));
}

async function label(context: KeysContext, id: string | null, raw: string | undefined): Promise<ExitCode> {
  const { path, language, output } = context;
  const wanted = parseLabel(raw);
  if (wanted === null) throw new CannotRun(text('no-label'), text('no-label.fix'));
  const labeled = await change(context, id, (found) => labelKey(path, found, wanted, language));
  output.err(say(language, 'labeled', { ...labeled, label: wanted }));
  return EXIT.ok;
}

async function revoke(context: KeysContext, id: string | null): Promise<ExitCode> {
  const { path, language, output } = context;
  const revoked = await change(context, id, (found) => revokeKey(path, found, language));
  output.err(say(language, 'revoked', revoked));
  return EXIT.ok;
}

async function change(
  { path, about }: KeysContext,
  id: string | null,
  work: (id: string) => Promise<StoredKey | null>,
): Promise<StoredKey> {
  const changed = id === null ? null : await work(id);
  if (changed === null) throw new CannotRun(text('unknown-key', { id, path }), text('unknown-key.fix'));
  about({ owner: changed.owner, object: changed.id });
  return changed;
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof KeyFileLocked)
    return new CannotRun(text('locked', { lock: error.lock }), text('locked.fix'));
  if (!(error instanceof KeyFileFault)) return error;
  const problem = { path, problem: error.message };
  const both = { en: error.fix, zh: error.fix };
  return new CannotRun({ en: say('en', 'broken', problem), zh: say('zh', 'broken', problem) }, both);
}
