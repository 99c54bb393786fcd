import { armFaultpoint } from '@pixdock/shared/faultpoint';
import { runProcess } from '@pixdock/shared/process';
import { parseTestClocks } from '@pixdock/shared/test-clocks';
import { readApiConfig } from './config.js';
import { startApi } from './start.js';

armFaultpoint(process.env.PIXDOCK_FAULTPOINT);
const clocks = parseTestClocks(process.env.PIXDOCK_TEST_CLOCKS);
await runProcess(
  'api',
  () => readApiConfig(process.env),
  (config, log) => startApi(config, log, clocks),
);
