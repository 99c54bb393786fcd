import { DEFAULT_SCOPES, SCOPES, type Scope } from '@pixdock/contract/scope';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { splitList } from '@pixdock/shared/runtime/env';
import { addKey, generateKey } from '@pixdock/shared/state/keys/key-file';
import { KEY_LABEL, OWNER } from '@pixdock/shared/state/keys/stored-key';
import type { About } from '../audited.js';
import { say, text } from '../messages/keys.js';
import { readOption } from '../read-option.js';
import { CannotRun, type Context, EXIT, type ExitCode } from '../run-command.js';

export interface KeysOptions {
  owner?: string | undefined;
  scopes?: string | undefined;
  label?: string | undefined;
  expires?: string | undefined;
  json?: boolean | undefined;
}

export interface KeysContext extends Pick<Context, 'language' | 'output'> {
  /** The key file. */
  path: string;
  dataDir: string;
  /** Names the key that is changed, for the audit trail. */
  about: About;
}

/** Adds a key to the key file and prints it, the only time. */
export async function create(
  { path, language, output, about }: KeysContext,
  { owner, scopes, label, expires }: KeysOptions,
): Promise<ExitCode> {
  if (owner === undefined || !OWNER.test(owner))
    throw new CannotRun(text('no-owner', { owner: owner ?? null }), text('no-owner.fix'));
  const lifetimeMs = readOption('--expires', expires, (read) => read.duration('--expires', 0));
  if (lifetimeMs > LONGEST_MS) throw new CannotRun(text('too-long'), text('too-long.fix'));
  const key = generateKey();
  const stored = await addKey(
    path,
    key,
    {
      owner,
      scopes: parseScopes(scopes),
      label: parseLabel(label),
      expiresAt: lifetimeMs === 0 ? null : isoTime(nowMs() + lifetimeMs),
    },
    language,
  );
  about({ owner, object: stored.id });
  output.out(key);
  output.err(say(language, 'created', { ...stored, scopes: stored.scopes.join(','), path }));
  return EXIT.ok;
}

/** A hundred years. Later times have more digits than dates in records. */
const LONGEST_MS = 36_500 * 24 * 3600_000;

/** Null without a label, or for an empty one. @throws CannotRun */
export function parseLabel(raw = ''): string | null {
  const label = raw.trim();
  if (label === '') return null;
  if (!KEY_LABEL.test(label)) throw new CannotRun(text('wrong-label'), text('wrong-label.fix'));
  return label;
}

function parseScopes(raw: string | undefined): readonly Scope[] {
  if (raw === undefined) return DEFAULT_SCOPES;
  const names = splitList(raw);
  const unknown = names.find((name) => !SCOPES.some((scope) => scope === name));
  if (unknown !== undefined || names.length === 0)
    throw new CannotRun(text('unknown-scope', { scope: unknown ?? raw }), text('unknown-scope.fix'));
  return SCOPES.filter((scope) => names.includes(scope));
}
