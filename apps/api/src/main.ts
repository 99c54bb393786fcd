import { armFaultpoint } from '@pixdock/shared/faultpoint';
import { runProcess } from '@pixdock/shared/process';
import { readApiConfig } from './config.js';
import { startApi } from './start.js';

armFaultpoint(process.env.PIXDOCK_FAULTPOINT);
await runProcess('api', () => readApiConfig(process.env), startApi);
