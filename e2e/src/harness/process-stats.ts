import { readFileSync } from 'node:fs';

/** USER_HZ: the unit of CPU time in /proc, on every architecture. */
const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1024;

/** Resident memory in MiB; 0 for a process that has ended. */
export function residentMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(pid, 'status'))?.[1] ?? 0) / KIB_PER_MIB;
}

/** CPU time in s, of the process itself and of its ended children. */
export function cpuSeconds(pid: number): { own: number; ended: number } {
  const stat = read(pid, 'stat');
  // proc(5): utime is the twelfth field after the command name in brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number);
  return { own: (utime + stime) / TICKS_PER_SECOND, ended: (cutime + cstime) / TICKS_PER_SECOND };
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** Whether SIGSTOP has stopped a process. proc(5): the state follows the command name in brackets. */
export const isStopped = (pid: number) => read(pid, 'stat').split(') ').at(-1)?.startsWith('T') === true;
