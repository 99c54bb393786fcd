import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const HAS_PROC = existsSync('/proc/self/stat');

/**
 * Which machine, boot and pid namespace this is: within one, a pid together with its birth names one process for ever;
 * across two, pids say nothing.
 */
export function processWorld() {
  if (!HAS_PROC) return hostname();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
}

/** When the process was born, in the system's own terms; null when it is not there (or a zombie). */
function birthOf(pid) {
  return HAS_PROC ? birthFromProc(pid) : birthFromPs(pid);
}

/** The process that `pid` belongs to, and the name of `pid`'s program; null where there is no /proc to tell. */
export function parentOf(pid) {
  const stat = readStat(pid);
  return stat === null ? null : { parent: Number(stat.fields[4 - 3]), program: stat.program };
}

function birthFromProc(pid) {
  const stat = readStat(pid);
  return stat === null || 'ZX'.includes(stat.fields[3 - 3]) ? null : stat.fields[22 - 3];
}

/** proc_pid_stat(5): its fields from the third on (3 the state, 4 the parent, 22 the start), and the program's name. */
function readStat(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name, in parentheses, may itself hold spaces and parentheses.
  const end = stat.lastIndexOf(')');
  return { program: stat.slice(stat.indexOf('(') + 1, end), fields: stat.slice(end + 2).split(' ') };
}

function birthFromPs(pid) {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const [, state, birth] = /^\s*(\S+)\s+(.+?)\s*$/.exec(text) ?? [null, 'Z', null];
    return state.startsWith('Z') ? null : birth;
  } catch {
    return null;
  }
}

/** The process as it can be written down and recognized later. */
export function identify(pid) {
  return { pid, birth: birthOf(pid) };
}

export function isAlive({ pid, birth }) {
  return birth !== null && birthOf(pid) === birth;
}
