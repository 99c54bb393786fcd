import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small in-memory file system. */
export interface SmallDisk {
  /** Fills the disk except for so many bytes. */
  fill(leaveBytes?: number): void;
  /** Uses up all free inodes. */
  takeInodes(): void;
  /** Frees the space and inodes that `fill` and `takeInodes` used. */
  empty(): void;
  setReadOnly(isReadOnly: boolean): void;
  freeBytes(): number;
  /** Unmounts it and discards its contents. */
  unmount(): void;
}

/** Mounts a tmpfs on a folder. Needs root and Linux. */
export function mountSmallDisk(folder: string, options = 'size=4m'): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  const ballast = join(folder, 'ballast');
  const inodes = join(folder, 'inodes');
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  return {
    freeBytes,
    fill(leaveBytes = 0) {
      untilFull(() => {
        const takes = freeBytes() - leaveBytes;
        if (takes > 0) writeFileSync(ballast, Buffer.alloc(takes), { flag: 'a' });
        return takes <= 0;
      });
    },
    takeInodes() {
      mkdirSync(inodes, { recursive: true });
      let made = 0;
      untilFull(() => {
        writeFileSync(join(inodes, String(made++)), '');
        return false;
      });
    },
    empty() {
      for (const path of [ballast, inodes]) rmSync(path, { recursive: true, force: true });
    },
    setReadOnly(isReadOnly) {
      execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, folder]);
    },
    unmount: () => void execFileSync('umount', [folder]),
  };
}

export function canMountDisks(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-disk-'));
  try {
    mountSmallDisk(folder).unmount();
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

function untilFull(take: () => boolean): void {
  try {
    while (!take());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
