import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';

/** Starts a program and waits for its first message. */
export async function startNodeServer(
  program: URL,
  env: Record<string, string>,
): Promise<{ child: ChildProcess; port: number }> {
  const child = killOnExit(
    spawn(process.execPath, [fileURLToPath(program)], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${program.pathname} ended before it was ready`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ port?: number }];
  return { child, port: message.port ?? 0 };
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
