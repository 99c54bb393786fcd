import { armFaultpoint } from '@pixdock/shared/runtime/faultpoint';
import { runProcess } from '@pixdock/shared/runtime/process';
import { parseTestClocks } from '@pixdock/shared/runtime/test-clocks';
import { readWorkerConfig } from './config.js';
import { startWorker } from './start.js';

/** The program of a worker. */
export async function runWorker(host: NodeJS.Process): Promise<void> {
  armFaultpoint(host.env.PIXDOCK_FAULTPOINT);
  const clocks = parseTestClocks(host.env.PIXDOCK_TEST_CLOCKS);
  await runProcess('worker', host.env, readWorkerConfig, (config, log) => startWorker(config, log, clocks));
}
