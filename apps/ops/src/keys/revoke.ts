import { revokeKey } from '@pixdock/shared/state/keys/key-file';
import { say, text } from '../messages/keys.js';
import { EXIT, type ExitCode } from '../output.js';
import { CannotRun } from '../run-command.js';
import type { KeysContext } from './create.js';

/** Revokes a key of the key file. */
export async function revoke({ path, language, output }: KeysContext, id: string | null): Promise<ExitCode> {
  const revoked = id === null ? null : await revokeKey(path, id, language);
  if (revoked === null) throw new CannotRun(text('unknown-key', { id, path }), text('unknown-key.fix'));
  output.err(say(language, 'revoked', revoked));
  return EXIT.ok;
}
