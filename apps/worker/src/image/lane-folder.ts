import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, chown, link, mkdir, open, readdir, rm, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asError } from '@pixdock/shared/runtime/as-error';
import type { Logger } from '@pixdock/shared/runtime/log';
import { OVERLAY_FILE, SOURCE_FILE } from './protocol.js';

// Containers may share a scratch folder, and a restarted container's worker gets the pid of its predecessor.
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const WORKER_ID = randomBytes(4).toString('hex');

/** Makes a folder that only the child can enter. Its name identifies the worker. */
export async function makeLaneFolder(scratchDir: string, identity: number | null): Promise<string> {
  const name = `lane-${HOST}-${process.pid}-${WORKER_ID}-${randomBytes(4).toString('hex')}`;
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
 * Links or copies a source into a lane's folder. Making it readable for the child's user is safe, since only the worker can
 * enter the staging folder. The child controls the lane's folder, so an existing entry is neither followed nor overwritten.
 */
export async function provideSource(
  sourcePath: string,
  folder: string,
  identity: number | null,
): Promise<void> {
  const path = join(folder, SOURCE_FILE);
  try {
    if (identity !== null) await chmod(sourcePath, 0o644);
    await link(sourcePath, path);
  } catch (error) {
    if (!CANNOT_LINK.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copy(createReadStream(sourcePath), path);
  }
}

/** Another file system, no support for links, too many links, or a file of another user without the right to link it. */
const CANNOT_LINK = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS'];

/** Copies the overlay of a profile into a lane's folder. */
export const provideOverlay = (png: Buffer, folder: string): Promise<void> =>
  copy([png], join(folder, OVERLAY_FILE));

async function copy(from: AsyncIterable<Buffer> | Buffer[], to: string): Promise<void> {
  const file = await open(to, 'wx');
  try {
    await file.chmod(0o644);
    // A write stream of the handle with autoClose off would make `close` wait forever.
    for await (const chunk of from) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

/**
 * Removes the files in a lane's folder. It does not descend, since a running child could replace a folder by a link.
 * @returns whether the folder is empty
 */
export async function emptyFolder(folder: string): Promise<boolean> {
  try {
    await Promise.all((await readdir(folder)).map((name) => unlink(join(folder, name))));
    return true;
  } catch {
    return false;
  }
}

/**
 * Removes a lane's folder, and logs a failure. As root, it removes the content with the rights of the lane's user: a process that a
 * decoder left behind could replace a folder inside by a link to any other folder.
 */
export async function removeLaneFolder(folder: string, log: Logger): Promise<void> {
  try {
    const { uid, gid } = await stat(folder);
    if (process.getuid?.() !== 0 || uid === 0) return await rm(folder, { recursive: true, force: true });
    // The command starts in the folder: its user may have no right to reach it by its path.
    const options = { cwd: folder, uid, gid, env: { PATH: '/usr/bin:/bin' } };
    await promisify(execFile)('find', ['.', '-mindepth', '1', '-delete'], options);
    await rmdir(folder);
  } catch (error) {
    log.warn({ err: asError(error) }, 'cannot remove a lane folder');
  }
}

const STALE_MS = 3_600_000;
/** Interval at which a worker touches its folders, so that other hosts know that they are in use. */
export const TOUCH_EVERY_MS = STALE_MS / 6;

export async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => {});
}

/** Removes the folders of workers that no longer run. */
export async function removeLeftovers(scratchDir: string, log: Logger): Promise<void> {
  for (const name of await readdir(scratchDir))
    if (await isAbandoned(join(scratchDir, name), name)) await removeLaneFolder(join(scratchDir, name), log);
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  const [, host, pid, workerId] = /^lane-([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-/.exec(name) ?? [];
  if (host === undefined) return false;
  if (host === HOST) return Number(pid) === process.pid ? workerId !== WORKER_ID : !isAlive(Number(pid));
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
