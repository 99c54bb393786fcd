import { descendants } from '@pixdock/shared/testing/processes';
import { cpuSeconds } from '../harness/process-stats.js';

/** CPU time that the worker took for the sources of one kind. */
export interface KindCpu {
  /** By the name of the file, such as "png". */
  kind: string;
  images: number;
  seconds: number;
}

/** CPU time in s of a process and of all its descendants, living or ended. */
export function cpuOfTree(pid: number): number {
  return [pid, ...descendants(pid)].map(cpuSeconds).reduce((sum, { own, ended }) => sum + own + ended, 0);
}

export function lineOfCpu(kinds: readonly KindCpu[]): string {
  const means = kinds.map(
    ({ kind, images, seconds }) => `${kind} ${((1000 * seconds) / images).toFixed(0)} ms (${images})`,
  );
  return `CPU of the worker per image: ${means.join(', ')}`;
}
