import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import type { Duplex } from 'node:stream';
import type { Logger } from '@pixdock/shared/runtime/log';
import { type FromChild, fromChildSchema } from './from-child.js';
import { readLines } from './lines.js';
import { CHANNEL_FD, type Order, type Setup, type ToChild } from './protocol.js';
import { afterRunning } from './running-time.js';

export interface Budget {
  /** Wall clock of one image. */
  timeoutMs: number;
  /** Resident memory of the child. */
  maxRssBytes: number;
  /** Wall clock of a child's start. */
  startMs: number;
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
  perform(order: Order, onNormalizing: () => void, signal: AbortSignal): Promise<Ended>;
  kill(): Promise<void>;
}

const STDERR_KEPT = 2000;

/**
 * Starts a child with a clean environment and waits until it is ready.
 * @throws when it cannot be started, with the code of the machine's fault; the reason of `signal` when that aborts
 */
export async function startDecoder(
  childPath: string,
  setup: Setup,
  { timeoutMs, maxRssBytes, startMs }: Budget,
  log: Logger,
  signal: AbortSignal,
): Promise<Decoder> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [childPath, String(process.pid)], {
    // With two arenas glibc gives memory back; it is what jemalloc would bring, without its cost.
    env: { MALLOC_ARENA_MAX: '2', VIPS_BLOCK_UNTRUSTED: '1' },
    cwd: '/',
    // The last is the channel, CHANNEL_FD for the child.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const failed = new Promise<Error>((resolve) => child.on('error', resolve));
  const { pid } = child;
  if (pid === undefined) throw await failed;
  // Threads inherit it; those that the child had by then, on a busy machine, are found once it is ready.
  lowerPriority(pid);
  offerToOomKiller(pid);
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr = (stderr + String(chunk)).slice(-STDERR_KEPT);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const talk = talkTo(child);
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
    log.debug({ pid, stderr }, 'a decoder ended');
  };

  const ready = await talk.say(setup, startMs, signal, (message) => message);
  if (ready.type !== 'ready') {
    await kill();
    signal.throwIfAborted();
    throw Object.assign(new Error(`the decoder does not start: ${stderr}`), { code: 'EAGAIN' });
  }
  lowerPriority(pid);
  return {
    pid,
    dropped: ready.dropped,
    get alive() {
      return talk.isOpen();
    },
    async perform(order, onNormalizing, orderSignal) {
      let told = false;
      const stopWatching = watchMemory(pid, maxRssBytes, () => talk.end('memory'));
      const ended = await talk.say(order, timeoutMs, orderSignal, (message) => {
        const isNormalizing = message.type === 'normalizing';
        if (message.type === 'ready' || message.order !== order.order || (isNormalizing && told))
          talk.end('crash');
        else if (!isNormalizing) return message;
        else {
          told = true;
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

type Silence = { type: 'timeout' | 'memory' | 'crash' | 'aborted' };

/** One question at a time, and one answer to it. A child that says anything else is out of control, and killed. */
function talkTo(child: ChildProcess) {
  let hear: ((message: FromChild) => void) | null = null;
  let why: Silence['type'] = 'crash';
  const end = (reason: Silence['type']) => {
    why = reason;
    child.kill('SIGKILL');
  };
  const channel = child.stdio[CHANNEL_FD] as Duplex;
  const isOpen = () =>
    child.exitCode === null && child.signalCode === null && !channel.destroyed && !child.killed;
  // A channel that breaks tells what the child's exit tells as well, and an error nobody hears ends the worker.
  channel.on('error', () => {});
  readLines(
    channel,
    (line) => {
      const message = fromChildSchema.safeParse(parsed(line));
      if (child.killed) return;
      if (!message.success || hear === null) end('crash');
      else hear(message.data);
    },
    () => end('crash'),
  );

  return {
    isOpen,
    end,
    /** Waits for the message for which `answer` is not null; or for the child's end. */
    async say(
      question: ToChild,
      withinMs: number,
      signal: AbortSignal,
      answer: (message: FromChild) => FromChild | null,
    ): Promise<FromChild | Silence> {
      if (!isOpen()) return { type: 'crash' };
      if (signal.aborted) return { type: 'aborted' };
      const onAbort = () => end('aborted');
      signal.addEventListener('abort', onAbort, { once: true });
      const stopClock = afterRunning(withinMs, () => end('timeout'));
      let onExit = () => {};
      try {
        return await new Promise<FromChild | Silence>((resolve) => {
          onExit = () => resolve({ type: why });
          child.once('exit', onExit);
          hear = (message) => {
            const answered = answer(message);
            if (answered !== null) resolve(answered);
          };
          channel.write(`${JSON.stringify(question)}\n`);
        });
      } finally {
        hear = null;
        stopClock();
        signal.removeEventListener('abort', onAbort);
        child.off('exit', onExit);
      }
    },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const RSS_CHECK_MS = 100;

function watchMemory(pid: number, maxRssBytes: number, onTooMuch: () => void): () => void {
  let watching = true;
  const timer = setInterval(() => {
    void residentBytes(pid).then((bytes) => {
      if (watching && bytes > maxRssBytes) onTooMuch();
    });
  }, RSS_CHECK_MS);
  return () => {
    watching = false;
    clearInterval(timer);
  };
}

/** 0 where it cannot be known: only Linux tells of another process's memory this way. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

// Accepting uploads goes before decoding them: half the API's latency under load, at no cost in throughput.
function lowerPriority(pid: number): void {
  try {
    const threads = process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
    for (const thread of threads) setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It is already gone, or the platform will not: nothing depends on it.
  }
}

// When memory ends it should be a decoder that goes, and not the worker or Redis.
function offerToOomKiller(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '500');
  } catch {
    // Not on this platform, or already gone.
  }
}
