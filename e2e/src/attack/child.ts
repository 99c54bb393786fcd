import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A child process that runs the `main.ts` of a folder and answers calls. */
export interface Child {
  call<T>(name: string, argument?: unknown): Promise<T>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

const RUN = fileURLToPath(new URL('../run.mjs', import.meta.url));

export async function startChild(folder: string): Promise<Child> {
  const child = spawn(process.execPath, [RUN, folder], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  let calls = 0;
  const answered = (id: number) =>
    new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
    });
  const exited = once(child, 'exit').then(() => {
    for (const [id, resolve] of waiting) resolve({ id, error: `${folder} has ended` });
  });
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const ready = await answered(calls++);
  if (ready.error !== undefined) throw new Error(ready.error);
  return {
    async call<T>(name: string, argument?: unknown) {
      const id = calls++;
      const answer = answered(id);
      child.send({ id, name, argument });
      const { result, error } = await answer;
      if (error !== undefined) throw new Error(error);
      return result as T;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
