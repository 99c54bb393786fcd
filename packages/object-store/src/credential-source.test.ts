import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { NoCredentials, openRenewedSource } from './credential-source.js';
import { startOss } from './testing/start-oss.js';
import { faultOf, openStoreOnOss, sampleObject } from './testing/store-on-oss.js';

const uriOf = (port: number) => `http://127.0.0.1:${port}/__oss-dev/credentials`;

it('gives each call the same key pair until it is time to ask again', async () => {
  let now = Date.now();
  const { server } = await startOss({ temporaryKeySeconds: 60, now: () => now++ });
  const settings = { from: 'uri', uri: uriOf(server.port) } as const;

  const kept = openRenewedSource(settings, 60_000);
  expect(await kept.get()).toEqual(await kept.get());
  const renewed = openRenewedSource(settings, 0);
  const first = await renewed.get();
  await expect.poll(() => renewed.get()).not.toEqual(first);
});

it('waits briefly for a source that hangs, and not at all while it has a key pair', async () => {
  const { server } = await startOss({ temporaryKeySeconds: 60 });
  let hangs = true;
  const respond = async (response: ServerResponse) =>
    response.end(await (await fetch(uriOf(server.port))).text());
  const source = createServer((_request, response) => void (hangs || respond(response))).listen(
    0,
    '127.0.0.1',
  );
  await once(source, 'listening');
  onTestFinished(() => {
    source.close();
    source.closeAllConnections();
  });
  const uri = uriOf((source.address() as AddressInfo).port);
  const credentials = openRenewedSource({ from: 'uri', uri }, 0);
  const begunAt = performance.now();
  await expect(credentials.get()).rejects.toThrow(NoCredentials);
  expect(performance.now() - begunAt).toBeLessThan(10_000);
  hangs = false;
  const pair = await credentials.get();
  hangs = true;
  const calls = Promise.all([credentials.get(), credentials.get()]);
  const isFirst = await Promise.race([calls.then(() => true), once(source, 'request').then(() => false)]);
  expect([isFirst, await calls]).toEqual([true, [pair, pair]]);
});

it('stores with the next key pair once the first has expired', async () => {
  let clockAheadMs = 0;
  const { store, notices } = await openStoreOnOss(
    (port) => ({ credentials: { from: 'uri', uri: uriOf(port) } }),
    { temporaryKeySeconds: 60, now: () => Date.now() + clockAheadMs },
  );
  expect(await store.put(sampleObject({ key: 'a/1.jpg' }))).toMatchObject({ outcome: 'stored' });
  expect(notices).toEqual([]);

  clockAheadMs = 61_000;
  const puts = ['a/2.jpg', 'a/3.jpg', 'a/4.jpg'].map((key) => store.put(sampleObject({ key })));
  for (const put of puts) expect(await put).toMatchObject({ outcome: 'stored' });
  expect(notices).toMatchObject([
    { notice: 'retry', facts: { code: 'SecurityTokenExpired' } },
    { notice: 'retry', facts: { code: 'SecurityTokenExpired' } },
    { notice: 'retry', facts: { code: 'SecurityTokenExpired' } },
  ]);
});

it('reports a source without keys as a configuration fault, and asks it again at the next call', async () => {
  let reply = { status: 403, body: '{"Code":"NoPermission","AccessKeySecret":"hush"}' };
  const source = createServer((_request, response) => {
    response.writeHead(reply.status).end(reply.body);
  }).listen(0, '127.0.0.1');
  await once(source, 'listening');
  onTestFinished(() => void source.close());
  const uri = uriOf((source.address() as AddressInfo).port);
  const { store, server } = await openStoreOnOss(
    { credentials: { from: 'uri', uri } },
    { temporaryKeySeconds: 60 },
  );

  const { facts, message } = await faultOf(store.head('a/b.jpg'));
  expect(facts).toMatchObject({ kind: 'configuration', code: 'NoCredentials', ecCode: 'NoPermission' });
  expect(facts.fix.en).toContain('ALIBABA_CLOUD_CREDENTIALS_URI');
  expect(JSON.stringify(facts) + message).not.toContain('hush');

  reply = { status: 200, body: await (await fetch(uriOf(server.port))).text() };
  expect(await store.head('a/b.jpg')).toBeNull();
});
