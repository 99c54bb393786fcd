import { runProcess } from '@pixdock/shared/process';
import { readWorkerConfig } from './config.js';
import { startWorker } from './start.js';

await runProcess('worker', () => readWorkerConfig(process.env), startWorker);
