import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openDrain } from './drain.js';
import { createHttpServer } from './server.js';

/** A test fails by its own limit before this. */
const DRAIN_MS = 60_000;
const SOON_MS = 10_000;

async function startServer(respond: () => Response) {
  const server = createHttpServer(respond);
  const drain = openDrain(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { drain, open: () => connect(port, '127.0.0.1').on('error', () => {}) };
}

async function msOf(draining: Promise<void>): Promise<number> {
  const began = performance.now();
  await draining;
  return performance.now() - began;
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

it('waits for no connection that never sent a request', async () => {
  const { drain, open } = await startServer(() => new Response('ok'));
  const [silent, partial] = [open(), open()];
  await Promise.all([once(silent, 'connect'), once(partial, 'connect')]);
  partial.write(REQUEST.slice(0, 20));
  expect(await msOf(drain(DRAIN_MS))).toBeLessThan(SOON_MS);
}, 30_000);

it('waits for no connection whose response ended during the stop, but for the response', async () => {
  const ends: (() => void)[] = [];
  const { drain, open } = await startServer(
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(Buffer.from('begun'));
            ends.push(() => {
              controller.enqueue(Buffer.from('ended'));
              controller.close();
            });
          },
        }),
      ),
  );
  const client = open();
  client.write(REQUEST);
  let text = '';
  client.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  await expect.poll(() => text).toContain('begun');
  const drained = msOf(drain(DRAIN_MS));
  await sleep(1500);
  expect(text).not.toContain('ended');
  for (const end of ends) end();
  expect(await drained).toBeLessThan(SOON_MS);
  expect(text).toContain('ended');
}, 30_000);
