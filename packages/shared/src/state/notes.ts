/** Small texts in staging, each with a name like `purges/single/img_….json`. Changes of one note survive a power failure. */
export interface Notes {
  /** Null if it does not exist. */
  read(name: string): Promise<string | null>;
  write(name: string, text: string): Promise<void>;
  /** As `write`, but returns false and changes nothing if the note exists: the first of several writers wins. */
  create(name: string, text: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Names of all notes below a folder. Reads no more of them than the caller takes. */
  list(folder: string): AsyncGenerator<string>;
  /** Removes all notes below a folder. */
  removeAll(folder: string): Promise<void>;
}
