import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ApiEnv } from './env.js';
import { limitLargeResponses } from './large-responses.js';

/** Starts a server with a large response; `reached` lists the owners whose requests reached the handler. */
async function startServer(maxReads: number) {
  const reached: string[] = [];
  const app = new Hono<ApiEnv>()
    .use((c, next) => {
      c.set('owner', c.req.query('owner') ?? '');
      return next();
    })
    .get(
      '/large',
      limitLargeResponses(() => true, maxReads),
      (c) => {
        reached.push(c.get('owner'));
        return c.body('x'.repeat(20_000_000));
      },
    );
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  /** A client that sends a request and reads nothing. */
  function ask(owner: string) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).pause();
    socket.write(`GET /large?owner=${owner} HTTP/1.1\r\nHost: x\r\n\r\n`);
    onTestFinished(() => void socket.destroy());
    return socket;
  }
  return { reached, ask };
}

test("delays only the same owner's requests while its clients do not read", async () => {
  const { reached, ask } = await startServer(2);
  const [first] = [ask('alice'), ask('alice')];
  await vi.waitFor(() => expect(reached).toEqual(['alice', 'alice']), 15_000);
  const gone = ask('alice');
  ask('alice');
  ask('bob');
  await vi.waitFor(() => expect(reached).toEqual(['alice', 'alice', 'bob']), 15_000);
  gone.destroy();
  first?.destroy();
  await vi.waitFor(() => expect(reached).toEqual(['alice', 'alice', 'bob', 'alice']), 15_000);
});

test('admits the next request when one ends, also in-process and after an error', async () => {
  const app = new Hono<ApiEnv>().get(
    '/',
    limitLargeResponses(() => true, 1),
    () => {
      throw new Error('no');
    },
  );
  app.onError((_, c) => c.text('no'));
  for (let n = 0; n < 3; n++) expect(await (await app.request('/')).text()).toBe('no');
});
