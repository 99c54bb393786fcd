import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';

interface Page {
  /** Evaluates an expression in the page, awaits its promise and returns its JSON value. */
  evaluate<T>(expression: string): Promise<T>;
}

export interface Browser extends AsyncDisposable {
  open(url: string): Promise<Page>;
}

/** The command that starts Chromium; null if it is not installed. */
export function findChromium(): string | null {
  return ['chromium', 'chromium-browser', 'google-chrome'].find((name) => hasVersion(name)) ?? null;
}

const hasVersion = (command: string) => spawnSync(command, ['--version']).status === 0;

/** Starts Chromium, and speaks the DevTools Protocol with it over pipes. */
export async function startChromium(command: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'pixdock-chromium-'));
  const child = killOnExit(
    spawn(command, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    }),
  );
  const exited = once(child, 'exit');
  const { call, once: nextEvent } = openProtocol(child.stdio[3] as Writable, child.stdio[4] as Readable);
  return {
    async open(url) {
      const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
      const session = String(sessionId);
      await call('Page.enable', {}, session);
      const loaded = nextEvent('Page.loadEventFired', session);
      await call('Page.navigate', { url }, session);
      await loaded;
      return {
        async evaluate<T>(expression: string) {
          const options = { expression, awaitPromise: true, returnByValue: true };
          const { result, exceptionDetails } = await call('Runtime.evaluate', options, session);
          if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
          return (result as { value: T }).value;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await call('Browser.close', {}).catch(() => {});
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--remote-debugging-pipe',
];

type Fields = Record<string, unknown>;

/** Messages are JSON, each ended by a zero byte. */
function openProtocol(input: Writable, output: Readable) {
  const calls = new Map<number, { resolve: (result: Fields) => void; reject: (error: Error) => void }>();
  const events = new Map<string, () => void>();
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const messages = `${rest}${text}`.split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) handle(JSON.parse(message));
  });
  output.once('close', () => {
    for (const { reject } of calls.values()) reject(new Error('Chromium ended'));
  });
  input.on('error', () => {});

  function handle(message: {
    id?: number;
    method?: string;
    sessionId?: string;
    result?: Fields;
    error?: Fields;
  }) {
    const { id, method, sessionId, result, error } = message;
    if (id === undefined) return events.get(`${method} ${sessionId}`)?.();
    const waiting = calls.get(id);
    calls.delete(id);
    if (error === undefined) waiting?.resolve(result ?? {});
    else waiting?.reject(new Error(JSON.stringify(error)));
  }

  return {
    call: (method: string, params: Fields, sessionId?: string): Promise<Fields> => {
      const id = calls.size === 0 ? 1 : Math.max(...calls.keys()) + 1;
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      return new Promise((resolve, reject) => calls.set(id, { resolve, reject }));
    },
    once: (event: string, sessionId: string) =>
      new Promise<void>((resolve) => events.set(`${event} ${sessionId}`, resolve)),
  };
}
