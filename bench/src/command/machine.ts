import { availableParallelism, cpus } from 'node:os';

interface Machine {
  cpu: string;
  cores: number;
  node: string;
}

/** When and where a result was measured. */
export interface Circumstances {
  date: string;
  machine: Machine;
}

export const circumstances = (): Circumstances => ({
  date: new Date().toISOString(),
  machine: { cpu: cpus()[0]?.model ?? '', cores: availableParallelism(), node: process.version },
});

/** The first line of a report. */
export const headOf = ({ date, machine: { cpu, cores, node } }: Circumstances): string =>
  `${date}, ${cores} × ${cpu}, Node ${node}`;
