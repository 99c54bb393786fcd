import { readFileSync, writeFileSync } from 'node:fs';

const RSS_CHECK_MS = 100;

/** Calls `onExceeded` while the process has more resident memory than `maxRssBytes`; the returned function ends the watch. */
export function watchMemory(pid: number, maxRssBytes: number, onExceeded: () => void): () => void {
  const timer = setInterval(() => {
    if (residentBytes(pid) > maxRssBytes) onExceeded();
  }, RSS_CHECK_MS);
  return () => clearInterval(timer);
}

/** 0 where /proc is missing: only Linux has it. It is in memory, so a thread for the read would cost ten times the read. */
function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const CPU_CHECK_MS = 250;

/** Calls `onExceeded` once the process has used more CPU time than `limitMs`; the returned function ends the watch. */
export function watchCpuTime(pid: number, limitMs: () => number, onExceeded: () => void): () => void {
  const before = cpuMs(pid);
  const timer = setInterval(() => {
    if (cpuMs(pid) - before > limitMs()) onExceeded();
  }, CPU_CHECK_MS);
  return () => clearInterval(timer);
}

/** 0 where /proc is missing. proc_pid_stat(5): user and system time of all threads, in hundredths of a second. */
function cpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

// When memory runs out, the kernel should kill a decoder instead of the worker or Redis.
export function offerToOomKiller(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '500');
  } catch {
    // Not supported on this platform, or the child has already exited.
  }
}
