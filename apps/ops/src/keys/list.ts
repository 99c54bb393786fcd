import { readKeyFile } from '@pixdock/shared/state/keys/key-file';
import { type StoredKey, stateOf } from '@pixdock/shared/state/keys/stored-key';
import { say } from '../messages/keys.js';
import { EXIT, type ExitCode } from '../output.js';
import type { KeysContext } from './create.js';

/** Prints each key of the key file, without its hash. */
export async function list({ path, language, output }: KeysContext, asJson: boolean): Promise<ExitCode> {
  const keys = await readKeyFile(path, language);
  if (keys.length === 0) output.err(say(language, 'none', { path }));
  if (asJson)
    for (const { hash: _, ...key } of keys) output.out(JSON.stringify({ ...key, state: stateOf(key) }));
  else for (const line of alignColumns([HEADER, ...keys.map(rowOf)])) output.out(line);
  return EXIT.ok;
}

const HEADER = ['ID', 'OWNER', 'SCOPES', 'CREATED', 'EXPIRES', 'STATE'];

function rowOf(key: StoredKey): string[] {
  const { id, owner, scopes, createdAt, expiresAt } = key;
  return [
    id,
    owner,
    scopes.join(','),
    dayOf(createdAt),
    expiresAt === null ? '-' : dayOf(expiresAt),
    stateOf(key),
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
