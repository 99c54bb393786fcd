import { labelKey, revokeKey } from '@pixdock/shared/state/keys/key-file';
import type { StoredKey } from '@pixdock/shared/state/keys/stored-key';
import { say, text } from '../messages/keys.js';
import { EXIT, type ExitCode } from '../output.js';
import { CannotRun } from '../run-command.js';
import { type KeysContext, parseLabel } from './create.js';

/** Revokes a key of the key file. */
export async function revoke(context: KeysContext, id: string | null): Promise<ExitCode> {
  const { path, language, output } = context;
  const revoked = await change(context, id, (found) => revokeKey(path, found, language));
  output.err(say(language, 'revoked', revoked));
  return EXIT.ok;
}

/** Labels a key of the key file. */
export async function label(
  context: KeysContext,
  id: string | null,
  raw: string | undefined,
): Promise<ExitCode> {
  const { path, language, output } = context;
  const wanted = parseLabel(raw);
  if (wanted === null) throw new CannotRun(text('no-label'), text('no-label.fix'));
  const labeled = await change(context, id, (found) => labelKey(path, found, wanted, language));
  output.err(say(language, 'labeled', { ...labeled, label: wanted }));
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
