import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addDotEnv, type Environment } from '../dot-env.js';
import { text } from '../messages/conformance.js';
import { CannotCheck } from './check.js';

/** The folder of the project, in which `npm run real-oss` runs. */
export const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));

/** The API, a worker and a private Redis, as `npm start` runs them. */
export interface RunningServices extends AsyncDisposable {
  url: string;
  key: string;
}

/**
 * Starts the services over the bucket in the environment, in a folder of their own.
 * @param prefix of all keys
 * @throws CannotCheck if they do not start; the reason of the signal
 */
export async function startServices(
  environment: Environment,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<RunningServices> {
  const launcher = join(CHECKOUT, 'scripts/start.mjs');
  if (!existsSync(launcher)) throw new CannotCheck(text('no-checkout'));
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-conformance-'));
  const port = await freePort();
  const key = randomBytes(24).toString('base64url');
  const env = {
    ...ofMachineAndBucket(environment, CHECKOUT),
    ALIYUN_OSS_PREFIX: prefix,
    PORT: String(port),
    DATA_DIR: dataDir,
    API_KEYS: `conformance:${key}`,
    METADATA_KEY: `k1:${randomBytes(32).toString('hex')}`,
    // The launcher stops when its parent has ended.
    npm_lifecycle_event: 'start',
  };
  // In a group of its own, so that Ctrl-C in the terminal does not stop it before the work in progress.
  const child = spawn(process.execPath, [launcher], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    });
  const exited = once(child, 'close');
  const services = {
    url: `http://127.0.0.1:${port}`,
    key,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (child.exitCode !== null)
        throw new CannotCheck(text('services-ended', { output: lastLines(output) }));
      if (await isReady(services.url)) return services;
      await pause(POLL_MS);
    }
  } catch (error) {
    await services[Symbol.asyncDispose]();
    throw error;
  }
}

const KEPT_OUTPUT = 4096;
const POLL_MS = 300;
const KEPT =
  /^((ALIYUN_OSS|ALIBABA_CLOUD|LC|npm_config)_\w+|PATH|HOME|TMPDIR|LANG|DEFAULT_LANGUAGE|NODE_EXTRA_CA_CERTS)$/;

/**
 * Leaves out the settings of an installation, whose Redis must not be used. The launcher reads .env as well, where an empty
 * variable counts as unset.
 */
export function ofMachineAndBucket(environment: Environment, checkout: string): Environment {
  const inFile = Object.keys(addDotEnv(join(checkout, '.env'), {}));
  return {
    ...Object.fromEntries(inFile.map((name) => [name, ''])),
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => KEPT.test(name))),
  };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`).catch(() => null);
  return response?.status === 200;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const lastLines = (output: string) => output.trimEnd().split('\n').slice(-3).join(' ');
