import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import type { Logger } from '@pixdock/shared/log';
import { type FromChild, fromChildSchema, type Order, type Setup } from './protocol.js';

export interface Budget {
  /** Wall clock of one image. */
  timeoutMs: number;
  /** Resident memory of the child. */
  maxRssBytes: number;
}

/** How an order ended: an answer, or the end of the child. */
export type Ended =
  | Exclude<FromChild, { type: 'ready' | 'normalizing' }>
  | { type: 'timeout' | 'memory' | 'crash' | 'aborted' };

export interface Decoder {
  readonly pid: number;
  /** Whether it runs under an identity of its own. */
  readonly dropped: boolean;
  readonly alive: boolean;
  perform(order: Order, budget: Budget, onNormalizing: () => void, signal: AbortSignal): Promise<Ended>;
  kill(): Promise<void>;
}

const RSS_CHECK_MS = 100;
const PAGE_BYTES = 4096;
const STDERR_KEPT = 2000;

/** Starts a child with a clean environment and waits until it is ready. @throws when it cannot be started */
export async function startDecoder(childPath: string, setup: Setup, log: Logger): Promise<Decoder> {
  const child = spawn(process.execPath, [childPath], {
    // With two arenas glibc gives memory back; it is what jemalloc would bring, without its cost.
    env: { MALLOC_ARENA_MAX: '2', VIPS_BLOCK_UNTRUSTED: '1' },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr = (stderr + String(chunk)).slice(-STDERR_KEPT);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    void exited.then(() => reject(new Error('the decoder ended before it was ready')));
  });
  failed.catch(() => {});
  child.send(setup);
  const ready = await Promise.race([nextMessage(child), failed]);
  lowerPriority(child.pid);
  void exited.then(() => log.debug({ pid: child.pid, stderr }, 'a decoder ended'));

  const alive = () => child.exitCode === null && child.signalCode === null && child.connected;
  return {
    pid: child.pid ?? 0,
    dropped: ready.type === 'ready' && ready.dropped,
    get alive() {
      return alive();
    },
    perform: (order, budget, onNormalizing, signal) => perform(child, order, budget, onNormalizing, signal),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function perform(
  child: ChildProcess,
  order: Order,
  { timeoutMs, maxRssBytes }: Budget,
  onNormalizing: () => void,
  signal: AbortSignal,
): Promise<Ended> {
  let why: 'timeout' | 'memory' | 'crash' | 'aborted' = 'crash';
  const end = (reason: typeof why) => {
    why = reason;
    child.kill('SIGKILL');
  };
  const onAbort = () => end('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  const clock = setTimeout(() => end('timeout'), timeoutMs);
  const watch = setInterval(() => {
    void residentBytes(child.pid).then((bytes) => {
      if (bytes > maxRssBytes) end('memory');
    });
  }, RSS_CHECK_MS);
  let settle: (ended: Ended) => void = () => {};
  const ended = new Promise<Ended>((resolve) => {
    settle = resolve;
  });
  const onMessage = (raw: unknown) => {
    const message = fromChildSchema.safeParse(raw);
    // What is not of the protocol comes from a child out of control.
    if (!message.success || message.data.type === 'ready') end('crash');
    else if (message.data.type === 'normalizing') onNormalizing();
    else settle(message.data);
  };
  const onExit = () => settle({ type: why });
  child.on('message', onMessage);
  child.once('exit', onExit);
  try {
    if (!child.connected) return { type: 'crash' };
    if (signal.aborted) end('aborted');
    // Fails when the child is going, which its exit tells as well.
    child.send(order, () => {});
    return await ended;
  } finally {
    clearTimeout(clock);
    clearInterval(watch);
    signal.removeEventListener('abort', onAbort);
    child.off('message', onMessage);
    child.off('exit', onExit);
  }
}

async function nextMessage(child: ChildProcess): Promise<FromChild> {
  const [raw] = await once(child, 'message');
  return fromChildSchema.parse(raw);
}

/** 0 where it cannot be known: only Linux tells of another process's memory this way. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => '');
  return Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
}

// Accepting uploads goes before decoding them: half the API's latency under load, at no cost in throughput.
function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It is already gone, or the platform will not: nothing depends on it.
  }
}
