import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Duplex } from 'node:stream';
import type { Logger } from '@pixdock/shared/runtime/log';
import { type FromChild, fromChildSchema } from './from-child.js';
import { readLines } from './lines.js';
import { CHANNEL_FD, type Order, type Setup, type ToChild } from './protocol.js';
import { setRunningTimeout } from './running-time.js';

export interface Budget {
  /** Wall-clock limit for one image. */
  timeoutMs: number;
  /** Limit on the child's resident memory. */
  maxRssBytes: number;
  /** Wall-clock limit for a child's start. */
  startMs: number;
}

/** The result of an order: the child's response, or the reason why the child ended. */
export type OrderResult =
  | Exclude<FromChild, { type: 'ready' | 'normalizing' }>
  | { type: 'timeout' | 'memory' | 'crash' | 'aborted' };

export interface Decoder {
  readonly pid: number;
  /** Whether the child gave up root for its unprivileged user. */
  readonly droppedRoot: boolean;
  readonly alive: boolean;
  perform(order: Order, onNormalizing: () => void, signal: AbortSignal): Promise<OrderResult>;
  kill(): Promise<void>;
}

const STDERR_KEPT = 2000;
/** The heap is small: to divide its collection among threads costs 1 to 5 % of a decoder's CPU time. */
const V8_FLAGS = ['--single-threaded-gc'];

/**
 * Starts a child with a clean environment and waits until it is ready.
 * @throws an error with a system error code when it cannot start; the signal's reason when `signal` aborts
 */
export async function startDecoder(
  childPath: string,
  setup: Setup,
  { timeoutMs, maxRssBytes, startMs }: Budget,
  log: Logger,
  signal: AbortSignal,
): Promise<Decoder> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [...V8_FLAGS, childPath, String(process.pid)], {
    // With two arenas, glibc returns memory to the system as jemalloc would.
    env: { MALLOC_ARENA_MAX: '2', VIPS_BLOCK_UNTRUSTED: '1' },
    cwd: '/',
    // The last entry is the channel: the child opens it as CHANNEL_FD.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const failed = new Promise<Error>((resolve) => child.on('error', resolve));
  const { pid } = child;
  if (pid === undefined) throw await failed;
  // New threads inherit the priority. Repeated once the child is ready, for threads that already exist on a busy machine.
  lowerPriority(pid);
  offerToOomKiller(pid);
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr = (stderr + String(chunk)).slice(-STDERR_KEPT);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const exchange = openExchange(child);
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
    log.debug({ pid, stderr }, 'decoder exited');
  };

  const ready = await exchange.request(setup, startMs, signal, (message) => message);
  if (ready.type !== 'ready') {
    await kill();
    signal.throwIfAborted();
    throw Object.assign(new Error(`the decoder did not start: ${stderr}`), { code: 'EAGAIN' });
  }
  lowerPriority(pid);
  return {
    pid,
    droppedRoot: ready.droppedRoot,
    get alive() {
      return exchange.isOpen();
    },
    async perform(order, onNormalizing, orderSignal) {
      let isReported = false;
      const stopWatching = watchMemory(pid, maxRssBytes, () => exchange.end('memory'));
      const ended = await exchange.request(order, timeoutMs, orderSignal, (message) => {
        const isNormalizing = message.type === 'normalizing';
        if (message.type === 'ready' || message.order !== order.order || (isNormalizing && isReported))
          exchange.end('crash');
        else if (!isNormalizing) return message;
        else {
          isReported = true;
          onNormalizing();
        }
        return null;
      });
      stopWatching();
      return ended.type === 'ready' || ended.type === 'normalizing' ? { type: 'crash' } : ended;
    },
    kill,
  };
}

type ChildEnd = { type: 'timeout' | 'memory' | 'crash' | 'aborted' };

/** Sends one request at a time and waits for its response. A child that sends anything else is killed. */
function openExchange(child: ChildProcess) {
  let onMessage: ((message: FromChild) => void) | null = null;
  let endReason: ChildEnd['type'] = 'crash';
  const end = (reason: ChildEnd['type']) => {
    endReason = reason;
    child.kill('SIGKILL');
  };
  const channel = child.stdio[CHANNEL_FD] as Duplex;
  const isOpen = () =>
    child.exitCode === null && child.signalCode === null && !channel.destroyed && !child.killed;
  // The child's exit also reports a broken channel. An unhandled error event would end the worker.
  channel.on('error', () => {});
  readLines(
    channel,
    (line) => {
      const message = fromChildSchema.safeParse(parseJson(line));
      if (child.killed) return;
      if (!message.success || onMessage === null) end('crash');
      else onMessage(message.data);
    },
    () => end('crash'),
  );

  return {
    isOpen,
    end,
    /** Waits for the message that `accept` returns, or for the child's exit. */
    async request(
      toChild: ToChild,
      withinMs: number,
      signal: AbortSignal,
      accept: (message: FromChild) => FromChild | null,
    ): Promise<FromChild | ChildEnd> {
      if (!isOpen()) return { type: 'crash' };
      if (signal.aborted) return { type: 'aborted' };
      const onAbort = () => end('aborted');
      signal.addEventListener('abort', onAbort, { once: true });
      const stopClock = setRunningTimeout(withinMs, () => end('timeout'));
      let onExit = () => {};
      try {
        return await new Promise<FromChild | ChildEnd>((resolve) => {
          onExit = () => resolve({ type: endReason });
          child.once('exit', onExit);
          onMessage = (message) => {
            const accepted = accept(message);
            if (accepted !== null) resolve(accepted);
          };
          channel.write(`${JSON.stringify(toChild)}\n`);
        });
      } finally {
        onMessage = null;
        stopClock();
        signal.removeEventListener('abort', onAbort);
        child.off('exit', onExit);
      }
    },
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const RSS_CHECK_MS = 100;

function watchMemory(pid: number, maxRssBytes: number, onExceeded: () => void): () => void {
  const timer = setInterval(() => {
    if (residentBytes(pid) > maxRssBytes) onExceeded();
  }, RSS_CHECK_MS);
  return () => clearInterval(timer);
}

/** 0 where /proc is missing: only Linux has it. It is in memory, so a thread for the read would cost ten times the read. */
function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

// Accepting uploads takes precedence over decoding. This halves the API's latency under load without lowering throughput.
function lowerPriority(pid: number): void {
  try {
    const threads = process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
    for (const thread of threads) setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The child has already exited, or the platform refuses. The priority is optional.
  }
}

// When memory runs out, the kernel should kill a decoder instead of the worker or Redis.
function offerToOomKiller(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '500');
  } catch {
    // Not supported on this platform, or the child has already exited.
  }
}
