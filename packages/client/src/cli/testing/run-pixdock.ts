import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { run } from '../run.js';

/** Creates a folder for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface RunOptions {
  url?: string;
  home?: string;
  environment?: Record<string, string>;
  signal?: AbortSignal;
  terminal?: boolean;
  /** What is typed at the terminal. */
  input?: string;
  /** Gets all of stdout after each write. */
  onOutput?: (out: string) => void;
}

/** Runs the command in this process with a new home folder; returns its output and exit code. */
export async function runPixdock(args: string[], options: RunOptions = {}) {
  const { url, home = temporaryFolder(), signal = new AbortController().signal, terminal = false } = options;
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
      options.onOutput?.(written.out);
      return true;
    },
    isTTY: terminal,
    columns: 100,
  });
  const environment = {
    HOME: home,
    ...(url !== undefined && { PIXDOCK_URL: url, PIXDOCK_API_KEY: 'key' }),
    ...options.environment,
  };
  const stdin = Object.assign(Readable.from([options.input ?? '']), { isTTY: terminal });
  const exit = await run(args, { environment, stdin, stdout: sink('out'), stderr: sink('err'), signal });
  return { exit, ...written };
}
