import { open, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { asError } from '../../runtime/as-error.js';
import { isoTime } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/log.js';
import { giveToFolderOwner, makeFolder } from '../files/folder.js';

const HOUR_MS = 3600_000;

/** Notes when keys are used. */
export interface KeyUses {
  /** Notes a use of the key in the background, once an hour. Never throws. */
  note(keyId: string): void;
}

/** An empty file for each key, changed at the hour of its last use: it needs no Redis, and every API process may write it. */
const fileOf = (dataDir: string, keyId: string) => join(dataDir, 'key-uses', keyId);

/** Notes the uses of keys below DATA_DIR. */
export function openKeyUses(dataDir: string, log: Logger, now: () => number = Date.now): KeyUses {
  const hours = new Map<string, number>();
  return {
    note(keyId) {
      const hour = Math.floor(now() / HOUR_MS);
      if (hours.get(keyId) === hour) return;
      hours.set(keyId, hour);
      write(fileOf(dataDir, keyId), new Date(hour * HOUR_MS)).catch((error) =>
        log.warn({ err: asError(error), keyId }, 'the last use of a key was not noted'),
      );
    },
  };
}

async function write(path: string, hour: Date): Promise<void> {
  await makeFolder(join(path, '..'));
  await (await open(path, 'a', 0o600)).close();
  await giveToFolderOwner(path);
  await utimes(path, hour, hour);
}

/** The hour of the last use of a key; null if none is known. */
export async function lastUseOf(dataDir: string, keyId: string): Promise<string | null> {
  const file = await stat(fileOf(dataDir, keyId)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return file === null ? null : isoTime(file.mtimeMs);
}
