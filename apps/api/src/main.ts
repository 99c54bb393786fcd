import { armFaultpoint } from '@pixdock/shared/runtime/faultpoint';
import { runProcess } from '@pixdock/shared/runtime/process';
import { parseTestClocks } from '@pixdock/shared/runtime/test-clocks';
import { readApiConfig } from './config.js';
import { openSignInLinks } from './keys/sign-in-links.js';
import { startApi } from './start.js';

armFaultpoint(process.env.PIXDOCK_FAULTPOINT);
const clocks = parseTestClocks(process.env.PIXDOCK_TEST_CLOCKS);
const signInLinks = openSignInLinks();
process.on('message', (message) => signInLinks.accept(message));
await runProcess('api', process.env, readApiConfig, (config, log) =>
  startApi(config, log, clocks, signInLinks),
);
