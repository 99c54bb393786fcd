import type { Notes } from '../notes.js';

/**
 * All of a staging by names like `outcomes/5f/img_….json`, see `stagedNames`: the files of a folder, or the objects of a bucket. A folder is
 * there while it has a file.
 */
export interface StagedFiles extends Notes {
  /** @param number grows with each text of this name, if it is given; then earlier texts may stay until `removeOlder` */
  write(name: string, text: string, number?: number): Promise<void>;
  /** As `write`; a power failure may undo it. */
  writeUnsynced(name: string, text: string, number?: number): Promise<void>;
  /** Removes what is left of earlier texts of a name. */
  removeOlder(name: string): Promise<void>;
  /** As `remove`; a power failure may undo it. */
  removeUnsynced(name: string): Promise<void>;
  /** As `write`, but returns false and writes nothing if the folder is gone. */
  add(name: string, text: string): Promise<boolean>;
  /** Keeps a text whose request may have been refused, although it was written: the refusal, which may be under way, no longer removes it. */
  adopt(name: string): Promise<void>;
  /** Whether there is such a file or folder. */
  has(name: string): Promise<boolean>;
  /** When a file or a folder was written, in ms; null if it does not exist. */
  writtenAt(name: string): Promise<number | null>;
  /** Whether nothing was written to a file, or below a folder, for `ms`. */
  isIdle(name: string, ms: number): Promise<boolean>;
  /** Names in a folder, of files and folders, that begin with `beginning`; none if it does not exist. */
  namesIn(folder: string, beginning?: string): Promise<string[]>;
  /** Bytes of everything below a folder. */
  bytesBelow(folder: string): Promise<number>;
}
