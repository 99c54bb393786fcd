import { armFaultpoint } from '@pixdock/shared/runtime/faultpoint';
import { runProcess } from '@pixdock/shared/runtime/process';
import { parseTestClocks } from '@pixdock/shared/runtime/test-clocks';
import { readWorkerConfig } from './config.js';
import { startWorker } from './start.js';

armFaultpoint(process.env.PIXDOCK_FAULTPOINT);
const clocks = parseTestClocks(process.env.PIXDOCK_TEST_CLOCKS);
await runProcess('worker', process.env, readWorkerConfig, (config, log) => startWorker(config, log, clocks));
