import { armFaultpoint } from '@pixdock/shared/faultpoint';
import { runProcess } from '@pixdock/shared/process';
import { readWorkerConfig } from './config.js';
import { startWorker } from './start.js';

armFaultpoint(process.env.PIXDOCK_FAULTPOINT);
await runProcess('worker', () => readWorkerConfig(process.env), startWorker);
