import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { endProcess } from './end-process.js';
import { openLeaks } from './leaks.js';

export interface Service {
  pid: number;
  /** Wall-clock time, comparable with file times. */
  startedAtMs: number;
  url: string;
  /** Output so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Arms a faultpoint of a service that was started with PIXDOCK_FAULTPOINT=by-message. */
  arm(faultpoint: string): Promise<void>;
  /** The exit code; rejects when the output reveals a secret. */
  exited: Promise<number | null>;
  /** Sends SIGTERM and waits for the end. @throws when the service does not end in time and is killed */
  stop(): Promise<void>;
}

/** A service forces its own end 28 s after SIGTERM (STOP_MS in runtime/process.ts); a busy machine needs more. */
const STOP_WITHIN_MS = 35_000;
/** The arguments in the launcher and the Dockerfile. They save memory and make the start a third more expensive. */
const FLAT_MEMORY = [
  '--max-semi-space-size=2',
  '--single-threaded',
  '--no-incremental-marking',
  '--heap-growing-percent=30',
];
/** Elsewhere a start must not collect the garbage of loading: that would take a tenth of its CPU time. */
const START_QUICKLY = ['--min-semi-space-size=32'];
const NODE_ENV = { UV_THREADPOOL_SIZE: '16' };
const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Start {
  /** Whether the service has its usual arguments; by default outside vitest, whose suites rarely measure memory. */
  savesMemory?: boolean;
  /** The words before the command, which say where it runs. */
  through?: readonly string[];
  /** More options of Node. */
  nodeOptions?: readonly string[];
}

/** Runs a service's `main.js` with only these variables and waits until it reports that it is ready. */
export async function startService(
  app: 'api' | 'worker',
  env: Record<string, string>,
  { savesMemory = !runsInVitest(), through = [], nodeOptions = [] }: Start = {},
): Promise<Service> {
  const main = mainOf(app);
  const startedAtMs = Date.now();
  const flags = savesMemory ? FLAT_MEMORY : START_QUICKLY;
  const [program, ...args] = [...through, process.execPath, ...nodeOptions, ...flags, main];
  const child = killOnExit(
    spawn(program, args, {
      env: { PATH: process.env.PATH ?? '', ...NODE_ENV, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    }),
  );
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => chunks.push(String(chunk)));
  const exited = once(child, 'close').then(([code]) => {
    const leaks = openLeaks(env).inLog(chunks.join(''));
    if (leaks.length > 0)
      throw new Error(`the log of the ${app} reveals ${leaks.join(', ')}:\n${chunks.join('')}`);
    return code as number | null;
  });
  const url = await ready(child, exited, () => chunks.join(''));
  return {
    pid: child.pid ?? 0,
    startedAtMs,
    url,
    output: () => chunks.join(''),
    kill: (signal) => void child.kill(signal),
    async arm(faultpoint) {
      const armed = once(child, 'message');
      child.send({ faultpoint });
      await armed;
    },
    exited,
    async stop() {
      await endProcess(child, STOP_WITHIN_MS);
      await exited;
    },
  };
}

/** What a service says that cannot start. */
export const startError = (app: 'api' | 'worker', env: Record<string, string>): Promise<string> =>
  startService(app, env).then(
    () => 'it started',
    (error: Error) => error.message,
  );

/** Whether a suite of vitest starts the services, not a command like `pnpm scale`. */
export const runsInVitest = () => process.env.PIXDOCK_SERVICES !== undefined;

/** The bundle that bundle-services.mjs makes for vitest, else the compiled file. */
function mainOf(app: 'api' | 'worker'): string {
  const folder = process.env.PIXDOCK_SERVICES;
  return folder === undefined ? join(CHECKOUT, 'apps', app, 'dist/main.js') : join(folder, `${app}.cjs`);
}

async function ready(
  child: ChildProcess,
  exited: Promise<number | null>,
  output: () => string,
): Promise<string> {
  const reported = new Promise<string>((resolve) => {
    child.on('message', (message: { type?: string; url?: string }) => {
      if (message.type === 'ready') resolve(message.url ?? '');
    });
  });
  const died = exited.then((code) => {
    throw new Error(`it ended with ${code} before it was ready:\n${output()}`);
  });
  return Promise.race([reported, died]);
}
