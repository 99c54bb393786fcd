import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { TestRedis } from '@pixdock/e2e/harness/redis';

/** The work of Redis. */
export interface Use {
  /** What clients send. */
  requests: number;
  /** Requests, and the commands that scripts call. */
  commands: number;
  /** CPU time of the main thread. */
  cpuMicros: number;
}

/** The use per second of `work`, which runs twice: MONITOR, which shows the commands, takes CPU time itself. */
export async function usePerSecond(
  redis: TestRedis,
  work: () => Promise<unknown>,
): Promise<Use & { seconds: number }> {
  const counted = await countCommands(redis, work);
  const before = cpuMicros(redis);
  const seconds = await secondsOf(work);
  return { ...counted, cpuMicros: (cpuMicros(redis) - before) / seconds, seconds };
}

async function countCommands({ url }: TestRedis, work: () => Promise<unknown>) {
  const monitor = connect(Number(new URL(url).port), '127.0.0.1');
  monitor.write('MONITOR\r\n');
  await once(monitor, 'data');
  let requests = 0;
  let commands = 0;
  const lines = createInterface({ input: monitor }).on('line', (line) => {
    const [, source] = /^\+[\d.]+ \[\d+ (\S+)\]/.exec(line) ?? [];
    if (source === undefined) return;
    commands++;
    if (source !== 'lua') requests++;
  });
  const seconds = await secondsOf(work);
  // Redis sends all lines before it closes the connection.
  monitor.write('QUIT\r\n');
  await once(lines, 'close');
  return { requests: requests / seconds, commands: commands / seconds };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** CPU time of the main thread so far. */
export function cpuMicros(redis: TestRedis): number {
  const times = redis.cli('INFO', 'cpu').matchAll(/used_cpu_(?:user|sys)_main_thread:([\d.]+)/g);
  return [...times].reduce((sum, [, seconds]) => sum + Number(seconds) * 1e6, 0);
}

export const combine = (a: Use, b: Use, each: (a: number, b: number) => number): Use => ({
  requests: each(a.requests, b.requests),
  commands: each(a.commands, b.commands),
  cpuMicros: each(a.cpuMicros, b.cpuMicros),
});
