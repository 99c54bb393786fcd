import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, chown, link, mkdir, open, readdir, rm, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SOURCE_FILE } from './protocol.js';

// Workers of several containers may share a scratch folder, and a restarted container's worker has its predecessor's pid.
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const LIFE = randomBytes(4).toString('hex');

/** Makes a folder for a child alone. Its name tells later whose it was. */
export async function makeLaneFolder(scratchDir: string, identity: number | null): Promise<string> {
  const name = `lane-${HOST}-${process.pid}-${LIFE}-${randomBytes(4).toString('hex')}`;
  const folder = join(scratchDir, name);
  await mkdir(folder, { mode: 0o700 });
  try {
    if (identity !== null) await chown(folder, identity, identity);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Hands a source to a lane. A hard link costs nothing; it is made readable for the child's identity, which is safe since
 * the staged original lies below a folder that only we can enter. The folder is the child's, and whatever it puts in our way
 * is neither followed nor overwritten.
 */
export async function handOver(sourcePath: string, folder: string, identity: number | null): Promise<void> {
  const path = join(folder, SOURCE_FILE);
  try {
    if (identity !== null) await chmod(sourcePath, 0o644);
    await link(sourcePath, path);
  } catch (error) {
    if (!CANNOT_LINK.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copy(sourcePath, path);
  }
}

/** Another file system, one without links or with too many, or another owner's file in a container without that right. */
const CANNOT_LINK = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS'];

async function copy(from: string, to: string): Promise<void> {
  const file = await open(to, 'wx');
  try {
    await file.chmod(0o644);
    // A stream of the handle's own that does not close it would keep `close` waiting for ever.
    for await (const chunk of createReadStream(from)) await file.writeFile(chunk as Buffer);
  } finally {
    await file.close();
  }
}

/**
 * Removes the files in a lane's folder. It goes no deeper, since a living child could turn a folder into a link meanwhile.
 * @returns whether nothing is left
 */
export async function emptyFolder(folder: string): Promise<boolean> {
  try {
    for (const name of await readdir(folder)) await unlink(join(folder, name));
    return true;
  } catch {
    return false;
  }
}

const STALE_MS = 3_600_000;
/** How often a folder must be touched to show other hosts that it is in use. */
export const TOUCH_EVERY_MS = STALE_MS / 6;

export async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => {});
}

/** Removes the folders of workers that are gone. */
export async function removeLeftovers(scratchDir: string): Promise<void> {
  for (const name of await readdir(scratchDir))
    if (await isLeftover(join(scratchDir, name), name))
      await rm(join(scratchDir, name), { recursive: true, force: true });
}

async function isLeftover(path: string, name: string): Promise<boolean> {
  const [, host, pid, life] = /^lane-([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-/.exec(name) ?? [];
  if (host === undefined) return false;
  if (host === HOST) return Number(pid) === process.pid ? life !== LIFE : !isAlive(Number(pid));
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
