import { open, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isoTime } from '../runtime/clock.js';
import type { AuditSettings } from '../runtime/settings.js';
import { giveToFolderOwner, makeFolder } from './files/folder.js';

/** One change or refused attempt. It contains nothing of an image but its id. */
export interface AuditEntry {
  /** The `operationId` of a request, or the command. */
  action: string;
  outcome: 'done' | 'refused' | 'failed';
  /** The HTTP status of a request. */
  status: number | null;
  owner: string | null;
  keyId: string | null;
  /** The id of what was changed or created, or several ids. */
  object: string | readonly string[] | null;
  /** The address of the client. */
  address: string | null;
  requestId: string | null;
  /** The user who ran a command. */
  user: string | null;
}

/** The record of who changed what. */
export interface Audit {
  /** Adds a line with the current time, in the background. Never throws. */
  write(entry: AuditEntry): void;
  /** Writes the lines added so far. */
  close(): Promise<void>;
}

/** Lines that wait for the disk; at 400 bytes each, 4 MB. */
const MAX_WAITING = 10_000;

/**
 * Opens the audit trail: a file per day and host in DATA_DIR, or `print`.
 * @param onLost reports a line that was not written
 */
export function openAudit(
  { dataDir, auditLog }: Pick<AuditSettings, 'dataDir' | 'auditLog'>,
  print: (line: string) => unknown,
  onLost: (error: unknown) => void,
): Audit {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function add(line: string, day: string): Promise<void> {
    try {
      await (auditLog === 'file' ? append(auditFolder(dataDir), fileName(day), line) : print(line));
    } catch (error) {
      onLost(error);
    } finally {
      waiting--;
    }
  }

  return {
    write(entry) {
      if (waiting >= MAX_WAITING) return onLost(new Error('too many lines wait for the disk'));
      waiting++;
      const time = isoTime();
      const line = `${JSON.stringify({ name: 'audit', time, ...entry })}\n`;
      last = last.then(() => add(line, time.slice(0, DAY_LENGTH)));
    },
    async close() {
      await last;
    },
  };
}

const DAY_LENGTH = '2027-01-31'.length;
const DAY_MS = 24 * 3600_000;

const auditFolder = (dataDir: string) => join(dataDir, 'audit');

// Appending by several hosts to one file may lose lines on NFS.
const fileName = (day: string) => `${day}-${hostname().replaceAll(/[^\w.-]/g, '_')}.ndjson`;

/** Appends one line in one write, so that several processes may share the file. */
async function append(folder: string, name: string, line: string): Promise<void> {
  await makeFolder(folder);
  const path = join(folder, name);
  const file = await open(path, 'a', 0o600);
  try {
    const bytes = Buffer.from(line);
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten < bytes.length) throw new Error('only a part of the line was written');
  } finally {
    await file.close();
  }
  await giveToFolderOwner(path);
}

/** Paths of the files of the audit trail that are older than `auditRetentionMs`. */
export async function* expiredAuditFiles(
  { dataDir, auditRetentionMs }: Pick<AuditSettings, 'dataDir' | 'auditRetentionMs'>,
  now = Date.now(),
): AsyncGenerator<string> {
  const names = await readdir(auditFolder(dataDir)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const [, day] = /^(\d{4}-\d\d-\d\d)-.*\.ndjson$/.exec(name) ?? [];
    const end = day === undefined ? Number.NaN : Date.parse(day) + DAY_MS;
    if (end + auditRetentionMs < now) yield join(auditFolder(dataDir), name);
  }
}
