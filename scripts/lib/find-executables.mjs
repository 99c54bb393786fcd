import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

// Homebrew's own folders, which a PATH may lack.
const MORE_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin'];

/** The paths of a command in PATH. */
export function findExecutables(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, name)).filter(existsSync);
}
