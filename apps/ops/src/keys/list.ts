import { readKeyFile } from '@pixdock/shared/state/keys/key-file';
import { lastUseOf } from '@pixdock/shared/state/keys/key-uses';
import { type StoredKey, stateOf } from '@pixdock/shared/state/keys/stored-key';
import { say } from '../messages/keys.js';
import { EXIT, type ExitCode } from '../output.js';
import type { KeysContext } from './create.js';

/** Prints each key of the key file, without its hash. */
export async function list(
  { path, dataDir, language, output }: KeysContext,
  asJson: boolean,
): Promise<ExitCode> {
  const stored = await readKeyFile(path, language);
  const keys = await Promise.all(
    stored.map(async (key) => ({ ...key, lastUsedAt: await lastUseOf(dataDir, key.id) })),
  );
  if (keys.length === 0) output.err(say(language, 'none', { path }));
  if (asJson)
    for (const { hash: _, ...key } of keys) output.out(JSON.stringify({ ...key, state: stateOf(key) }));
  else for (const line of alignColumns([HEADER, ...keys.map(rowOf)])) output.out(line);
  return EXIT.ok;
}

const HEADER = ['ID', 'OWNER', 'SCOPES', 'CREATED', 'LAST USED', 'EXPIRES', 'STATE', 'LABEL'];

function rowOf(key: StoredKey & { lastUsedAt: string | null }): string[] {
  const { id, owner, scopes, createdAt, lastUsedAt, expiresAt, label } = key;
  return [
    id,
    owner,
    scopes.join(','),
    dayOf(createdAt),
    lastUsedAt === null ? '-' : `${lastUsedAt.slice(0, 16)}Z`,
    expiresAt === null ? '-' : dayOf(expiresAt),
    stateOf(key),
    label ?? '',
  ];
}

const dayOf = (time: string) => time.slice(0, 10);

function alignColumns(rows: readonly string[][]): string[] {
  const widths = HEADER.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
