import { open } from 'node:fs/promises';
import { sleep } from '../../runtime/clock.js';
import { removeFile } from '../files/optional-file.js';

/** Thrown while another command holds the lock of the key file, or after one was killed. */
export class KeyFileLocked extends Error {
  override readonly name = 'KeyFileLocked';

  constructor(readonly lock: string) {
    super(`${lock} exists`);
  }
}

/** A command that writes the key file holds its lock for milliseconds. */
const LOCK_PATIENCE_MS = 5000;
const LOCK_RETRY_MS = 50;

export async function lockKeyFile(path: string): Promise<AsyncDisposable> {
  const lock = `${path}.lock`;
  const since = performance.now();
  while (!(await create(lock))) {
    if (performance.now() - since > LOCK_PATIENCE_MS) throw new KeyFileLocked(lock);
    await sleep(LOCK_RETRY_MS);
  }
  return { [Symbol.asyncDispose]: async () => void (await removeFile(lock).catch(() => {})) };
}

/** False if the file exists. */
async function create(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
