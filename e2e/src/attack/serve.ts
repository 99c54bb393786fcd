import { once } from 'node:events';

export type Handlers = Record<string, (argument: never) => Promise<unknown>>;

interface Call {
  id: number;
  name: string;
  argument: unknown;
}

/** Answers the calls of the parent process, and ends with it. */
export async function serve(handlers: Handlers): Promise<void> {
  process.on('message', ({ id, name, argument }: Call) => {
    const handler = handlers[name] ?? (() => Promise.reject(new Error(`no handler ${name}`)));
    void handler(argument as never).then(
      (result) => process.send?.({ id, result }),
      (error: unknown) => process.send?.({ id, error: (error as Error).stack ?? String(error) }),
    );
  });
  process.send?.({ id: 0 });
  await once(process, 'disconnect');
}
