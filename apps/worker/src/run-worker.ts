import { getPriority, setPriority } from 'node:os';
import { armFaultpoint } from '@pixdock/shared/runtime/faultpoint';
import { runProcess } from '@pixdock/shared/runtime/process';
import { parseTestClocks } from '@pixdock/shared/runtime/test-clocks';
import { readWorkerConfig } from './config.js';
import { startWorker } from './start.js';

/**
 * Of the worker and its decoders: accepting uploads takes precedence, which halves the API's latency under load. Beside other busy
 * processes the worker gets a third as much of a core. Decoders have no lower one, or the worker's own work would leave them nothing.
 */
const NICENESS = 5;

/** The program of a worker. */
export async function runWorker(host: NodeJS.Process): Promise<void> {
  lowerPriority();
  armFaultpoint(host.env.PIXDOCK_FAULTPOINT);
  const clocks = parseTestClocks(host.env.PIXDOCK_TEST_CLOCKS);
  await runProcess('worker', host.env, readWorkerConfig, (config, log) => startWorker(config, log, clocks));
}

/** On Linux, of this thread, and of the decoders, which inherit it. */
function lowerPriority(): void {
  try {
    setPriority(Math.max(NICENESS, getPriority()));
  } catch {
    // A sandbox may refuse the call. The priority is optional.
  }
}
