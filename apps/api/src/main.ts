import { runProcess } from '@pixdock/shared/process';
import { readApiConfig } from './config.js';
import { startApi } from './start.js';

await runProcess('api', () => readApiConfig(process.env), startApi);
