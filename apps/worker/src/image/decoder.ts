import { spawn } from 'node:child_process';
import type { Logger } from '@pixdock/shared/runtime/log';
import { offerToOomKiller, watchCpuTime, watchMemory } from './child-resources.js';
import { type ChildEnd, openExchange } from './exchange.js';
import type { FromChild } from './from-child.js';
import type { Order, Setup } from './protocol.js';

export interface Budget {
  /** Wall-clock limit for one image. */
  timeoutMs: number;
  /** CPU time for an image that declares so many pixels in all frames; 0 until its header is read. */
  cpuMs: (pixels: number) => number;
  /** Limit on the child's resident memory. */
  maxRssBytes: number;
  /** Wall-clock limit for a child's start. */
  startMs: number;
}

/** The result of an order: the child's response, or the reason why the child ended. */
export type OrderResult = Exclude<FromChild, { type: 'ready' | 'normalizing' }> | ChildEnd;

const STDERR_KEPT = 2000;
/**
 * The heap is small: to divide its work among threads costs 1 to 5 % of a decoder's CPU time. Of itself V8 would collect it for
 * each image, in steps, because it counts the pixels beside the heap.
 */
const V8_FLAGS = ['--single-threaded', '--no-incremental-marking', '--initial-old-space-size=128'];

/**
 * Starts a child with a clean environment and waits until it is ready.
 * @throws an error with a system error code when it cannot start; the signal's reason when `signal` aborts
 */
export async function startDecoder(
  childPath: string,
  setup: Setup,
  { timeoutMs, cpuMs, maxRssBytes, startMs }: Budget,
  log: Logger,
  signal: AbortSignal,
) {
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
    const cause = ready.type === 'timeout' ? `it took longer than ${startMs / 1000} s` : stderr.trim();
    throw Object.assign(new Error(`a decoder did not start: ${cause}`), { code: 'EAGAIN' });
  }
  return {
    pid,
    /** Whether the child gave up root for its unprivileged user. */
    droppedRoot: ready.droppedRoot,
    get alive(): boolean {
      return exchange.isOpen();
    },
    async perform(order: Order, onNormalizing: () => void, orderSignal: AbortSignal): Promise<OrderResult> {
      let pixels: number | null = null;
      const stopWatching = [
        watchMemory(pid, maxRssBytes, () => exchange.end('memory')),
        watchCpuTime(
          pid,
          () => cpuMs(pixels ?? 0),
          () => exchange.end('timeout'),
        ),
      ];
      const ended = await exchange.request(order, timeoutMs, orderSignal, (message) => {
        const isNormalizing = message.type === 'normalizing';
        if (
          message.type === 'ready' ||
          message.orderId !== order.orderId ||
          (isNormalizing && pixels !== null)
        )
          exchange.end('crash');
        else if (!isNormalizing) return message;
        else {
          pixels = message.pixels;
          onNormalizing();
        }
        return null;
      });
      for (const stop of stopWatching) stop();
      return ended.type === 'ready' || ended.type === 'normalizing' ? { type: 'crash' } : ended;
    },
    kill,
  };
}

export type Decoder = Awaited<ReturnType<typeof startDecoder>>;
