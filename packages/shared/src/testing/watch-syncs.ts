import fs, { fstatSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { onTestFinished, vi } from 'vitest';

export interface Syncs {
  /** Whether the file or folder now at `path` was synced, under this name or an earlier one. */
  includes(path: string): boolean;
  /** The position of its first sync among all syncs; -1 when there was none. */
  indexOf(path: string): number;
}

const inodeOf = ({ dev, ino }: Stats) => `${dev} ${ino}`;

/** Records every fsync of this process until the test ends: those of file handles, and of streams with `flush`. */
export async function watchSyncs(): Promise<Syncs> {
  const synced: string[] = [];
  const root = await open('/', 'r');
  const handles: FileHandle = Object.getPrototypeOf(root);
  await root.close();
  const sync: () => Promise<void> = Reflect.get(handles, 'sync');
  const ofHandles = vi.spyOn(handles, 'sync').mockImplementation(async function (this: FileHandle) {
    synced.push(inodeOf(fstatSync(this.fd)));
    return sync.call(this);
  });
  const { fsync } = fs;
  const ofStreams = vi.spyOn(fs, 'fsync').mockImplementation((fd, done) => {
    synced.push(inodeOf(fstatSync(fd)));
    fsync(fd, done);
  });
  onTestFinished(() => {
    ofHandles.mockRestore();
    ofStreams.mockRestore();
  });
  const indexOf = (path: string) => synced.indexOf(inodeOf(statSync(path)));
  return { indexOf, includes: (path) => indexOf(path) !== -1 };
}
