import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { type FromChild, fromChildSchema } from './from-child.js';
import { readLines } from './lines.js';
import { CHANNEL_FD, type ToChild } from './protocol.js';
import { setRunningTimeout } from './running-time.js';

/** Why a child ended. */
export type ChildEnd = { type: 'timeout' | 'memory' | 'crash' | 'aborted' };

/** Sends one request at a time and waits for its response. A child that sends anything else is killed. */
export function openExchange(child: ChildProcess) {
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
