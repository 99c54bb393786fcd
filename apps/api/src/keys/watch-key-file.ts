import { readFile } from 'node:fs/promises';
import type { Logger } from '@pixdock/shared/runtime/log';
import { KeyFileFault, parseKeyFile, unreadableKeyFile } from '@pixdock/shared/state/keys/parse-key-file';
import type { StoredKey } from '@pixdock/shared/state/keys/stored-key';

/** Well below the 5 s within which a change applies. Over NFS, opening the file shows a change that `stat` would not. */
const EVERY_MS = 1000;

export interface KeyFileWatch {
  /** Null while the file does not exist. */
  path: string;
  text: string | null;
  everyMs?: number | undefined;
}

/**
 * Calls `onChange` with the keys of each new version of the file. While the file is missing or damaged, the keys read
 * before stay valid.
 */
export function watchKeyFile(
  { path, text, everyMs = EVERY_MS }: KeyFileWatch,
  onChange: (keys: StoredKey[]) => void,
  log: Logger,
): { stop(): void } {
  // The text of the last version, or the code of the error with which it could not be read.
  let seen = text ?? 'ENOENT';
  let isReading = false;

  async function look(): Promise<void> {
    const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
    const now = typeof content === 'string' ? content : (content.code ?? content.name);
    if (now === seen) return;
    seen = now;
    try {
      if (typeof content !== 'string') throw unreadableKeyFile('en', content);
      const keys = parseKeyFile(content);
      onChange(keys);
      log.info({ keys: keys.length }, 'read the changed key file');
    } catch (error) {
      if (!(error instanceof KeyFileFault)) throw error;
      const { message: fault, fix } = error;
      log.error(
        { fault, fix },
        'the key file cannot be used, so the keys of its last valid version stay in force',
      );
    }
  }

  const timer = setInterval(() => {
    if (isReading) return;
    isReading = true;
    void look().finally(() => {
      isReading = false;
    });
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
