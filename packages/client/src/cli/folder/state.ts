import { hash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Environment, homeOf } from '../settings.js';
import type { FoundFile } from './walk.js';

/** A published file with its size and modification time when it was sent. */
export interface SentFile {
  path: string;
  size: number;
  mtimeMs: number;
  sha256: string;
  id: string;
  url: string;
}

export interface FolderState {
  /** The entry of a file that has not changed since. */
  find(file: FoundFile): SentFile | undefined;
  add(sent: SentFile): Promise<void>;
  close(): Promise<void>;
}

/** The state file of a server, a folder and a profile. */
export function statePath(environment: Environment, server: string, folder: string, profile: string): string {
  const state = environment.XDG_STATE_HOME || join(homeOf(environment), '.local', 'state');
  const name = hash('sha256', JSON.stringify([server, folder, profile]));
  return join(state, 'pixdock', `${name.slice(0, 32)}.ndjson`);
}

/** Opens the list of sent files: append-only NDJSON. Incomplete lines are ignored. */
export async function openState(path: string, options: { forget: boolean }): Promise<FolderState> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const known = new Map<string, SentFile>();
  for (const line of options.forget ? [] : text.split('\n')) {
    const sent = parse(line);
    if (sent !== undefined) known.set(sent.path, sent);
  }
  const file = await open(path, 'a', 0o600);
  if (text !== '' && !text.endsWith('\n')) await file.write('\n');
  return {
    find({ path: filePath, size, mtimeMs }) {
      const sent = known.get(filePath);
      return sent?.size === size && sent.mtimeMs === mtimeMs ? sent : undefined;
    },
    async add(sent) {
      await file.write(`${JSON.stringify(sent)}\n`);
    },
    close: () => file.close(),
  };
}

function parse(line: string): SentFile | undefined {
  try {
    const { path, size, mtimeMs, sha256, id, url } = JSON.parse(line) as Partial<SentFile>;
    if (
      typeof path !== 'string' ||
      typeof sha256 !== 'string' ||
      typeof id !== 'string' ||
      typeof url !== 'string'
    )
      return undefined;
    return { path, size: Number(size), mtimeMs: Number(mtimeMs), sha256, id, url };
  } catch {
    return undefined;
  }
}
