import { armFaultpoint } from '@pixdock/shared/runtime/faultpoint';
import { runProcess } from '@pixdock/shared/runtime/process';
import { parseTestClocks } from '@pixdock/shared/runtime/test-clocks';
import { readApiConfig } from './config.js';
import { openSignInLinks } from './keys/sign-in-links.js';
import { startApi } from './start.js';

/** The program of the API. */
export async function runApi(host: NodeJS.Process): Promise<void> {
  armFaultpoint(host.env.PIXDOCK_FAULTPOINT);
  const clocks = parseTestClocks(host.env.PIXDOCK_TEST_CLOCKS);
  const signInLinks = openSignInLinks();
  host.on('message', (message) => signInLinks.accept(message));
  await runProcess('api', host.env, readApiConfig, (config, log) =>
    startApi(config, log, clocks, signInLinks),
  );
}
