import type { Language } from '@pixdock/contract/messages/text';
import { readKeyFile } from '@pixdock/shared/state/keys/key-file';
import { lastUseOf } from '@pixdock/shared/state/keys/key-uses';
import { type StoredKey, stateOf } from '@pixdock/shared/state/keys/stored-key';
import { say } from '../messages/keys.js';
import { EXIT, type ExitCode } from '../run-command.js';
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
  else {
    const rows = [say(language, 'header').split(','), ...keys.map((key) => rowOf(key, language))];
    for (const line of alignColumns(rows)) output.out(line);
  }
  return EXIT.ok;
}

function rowOf(key: StoredKey & { lastUsedAt: string | null }, language: Language): string[] {
  const { id, owner, scopes, createdAt, lastUsedAt, expiresAt, label } = key;
  return [
    id,
    owner,
    scopes.join(','),
    dayOf(createdAt),
    lastUsedAt === null ? '-' : minuteOf(lastUsedAt),
    expiresAt === null ? '-' : minuteOf(expiresAt),
    say(language, `is-${stateOf(key)}`),
    label ?? '',
  ];
}

const minuteOf = (time: string) => `${time.slice(0, 16)}Z`;
const dayOf = (time: string) => time.slice(0, 10);

function alignColumns(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => columnsOf(row[at] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, at) => cell + ' '.repeat((widths?.[at] ?? 0) - columnsOf(cell)))
      .join('  ')
      .trimEnd(),
  );
}

/** Width in a terminal, where a Chinese character takes two columns. */
const columnsOf = (text: string) => text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0);
