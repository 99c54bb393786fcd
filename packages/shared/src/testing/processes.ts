import { readdirSync, readFileSync } from 'node:fs';

/** All living descendants of a process, on Linux. */
export function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** The living children of a process, by default of this one, on Linux. */
export function childrenOf(pid: number = process.pid): number[] {
  const folder = `/proc/${pid}/task`;
  // The kernel lists children by thread. Reading every process in /proc takes a hundred times as long.
  const lists = readOr([], () => readdirSync(folder)).map((thread) =>
    readOr('', () => readFileSync(`${folder}/${thread}/children`, 'latin1')),
  );
  const children = lists.join(' ').split(' ').filter(Boolean).map(Number);
  return children.filter(isAlive).toSorted((a, b) => a - b);
}

/** Whether a process runs: a zombie does not. */
export function isAlive(pid: number): boolean {
  const stat = readOr('', () => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The state follows the name, which may contain parentheses.
  return stat !== '' && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

/** The name of a process' program; empty after its end. */
export const programOf = (pid: number): string =>
  readOr('', () => readFileSync(`/proc/${pid}/comm`, 'utf8')).trim();

/** A process may end while it is read. */
function readOr<T>(fallback: T, read: () => T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
