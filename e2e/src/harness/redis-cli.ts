import { execFileSync } from 'node:child_process';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { REDIS_CLI } from '@pixdock/shared/testing/redis-programs';

interface Thread {
  requests: MessagePort;
  /** How many requests have their answer. */
  answered: Int32Array<SharedArrayBuffer>;
}

let thread: Thread | undefined;

/**
 * Runs a command and waits for its reply, which has the form of redis-cli's: one line for each element. A thread sends it,
 * because to start a program costs a process of vitest tens of milliseconds of CPU time: its memory is large.
 * @throws Error with the reply when Redis refuses the command, or after 10 s without a byte
 */
export function redisCli(server: { address?: string; port: number }, ...args: string[]): string {
  const { address = '127.0.0.1', port } = server;
  if (args[0]?.startsWith('-')) {
    const where = ['-h', address, '-p', String(port)];
    return execFileSync(REDIS_CLI, ['-e', ...where, ...args], { encoding: 'utf8' }).trim();
  }
  thread ??= startThread();
  const { requests, answered } = thread;
  const before = Atomics.load(answered, 0);
  requests.postMessage({ address, port, args });
  Atomics.wait(answered, 0, before);
  const answer: { reply?: string; error?: string } | undefined = receiveMessageOnPort(requests)?.message;
  if (answer?.reply === undefined) throw new Error(`${args[0]}: ${answer?.error}`);
  return answer.reply.trim();
}

function startThread(): Thread {
  const { port1: requests, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData = { requests: port2, answered };
  const options = { workerData, transferList: [port2], execArgv: [] };
  new Worker(new URL('redis-cli-thread.mjs', import.meta.url), options).unref();
  requests.unref();
  return { requests, answered };
}
