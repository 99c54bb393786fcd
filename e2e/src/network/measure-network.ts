import { type Image, Pixdock, PixdockApiError } from '@pixdock/client';
import { listKeys } from '../harness/bucket.js';
import { untilFinal } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { startStack, TWO_LANES } from '../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';

export const LEGS = ['client-api', 'redis', 'oss', 'all'] as const;
type Leg = (typeof LEGS)[number];

/** What a line does, with its name in the output. */
export const TROUBLES = {
  /** In each direction. */
  '200 ms': (line: TcpProxy) => line.slow(200),
  /** Of the pieces, in both directions. */
  '2 % resets': (line: TcpProxy) => line.resetAt(50, 'either', true),
  '1 Mbit/s': (line: TcpProxy) => line.throttle(125_000),
  'all three': (line: TcpProxy) => {
    line.slow(200);
    line.resetAt(50, 'either', true);
    line.throttle(125_000);
  },
};
export type Trouble = keyof typeof TROUBLES;

export interface Measured {
  /** Seconds from the call of each upload to its published image, ascending. */
  seconds: number[];
  /** Uploads that the client gave up, by code. */
  errors: Record<string, number>;
}

export interface Network extends AsyncDisposable {
  /** Uploads while the lines of a leg have this trouble; with null, without one. */
  measure(leg: Leg, trouble: Trouble | null, uploads: number): Promise<Measured>;
  /** Images and objects that are there twice or should not exist, and accepted images that are not published. */
  check(): Promise<{ lost: number; doubled: number }>;
}

const UPLOADS_AT_ONCE = 4;
const PATIENCE_MS = 120_000;

/** Starts all parts with a line between each two of them. */
export async function startNetwork(): Promise<Network> {
  const lines = await Promise.all([startTcpProxy(), startTcpProxy(), startTcpProxy(), startTcpProxy()]);
  const [client, api, worker, oss] = lines;
  const stack = await startStack(TWO_LANES, { between: { api, worker, oss } });
  client.forward(Number(new URL(stack.api.url).port));
  const pixdock = new Pixdock({
    baseUrl: `http://127.0.0.1:${client.port}`,
    apiKey: 'key-of-the-owner-acme',
  });
  const of: Record<Leg, TcpProxy[]> = {
    'client-api': [client],
    redis: [api, worker],
    oss: [oss],
    all: lines,
  };
  const accepted = new Set<string>();
  let made = 0;

  async function uploadOne(externalId: string): Promise<void> {
    const bytes = await photo(700 + (made % 100), 500 + Math.floor(made++ / 100));
    const { id } = await pixdock.images.upload(bytes, { externalId });
    accepted.add(id);
    await pixdock.images.waitFor(id, { timeoutMs: PATIENCE_MS });
  }

  return {
    async measure(leg, trouble, uploads) {
      const measured: Measured = { seconds: [], errors: {} };
      if (trouble !== null) for (const line of of[leg]) TROUBLES[trouble](line);
      let begun = 0;
      const lanes = Array.from({ length: UPLOADS_AT_ONCE }, async () => {
        for (let nth = begun++; nth < uploads; nth = begun++) {
          const began = performance.now();
          try {
            await uploadOne(`${leg} ${trouble} ${nth}`);
            measured.seconds.push((performance.now() - began) / 1000);
          } catch (error) {
            const code = error instanceof PixdockApiError ? error.code : String(error);
            measured.errors[code] = (measured.errors[code] ?? 0) + 1;
          }
        }
      });
      await Promise.all(lanes);
      for (const line of lines) line.heal();
      measured.seconds.sort((a, b) => a - b);
      return measured;
    },
    async check() {
      const finals = await Promise.all([...accepted].map((id) => untilFinal(stack, id, PATIENCE_MS / 1000)));
      const listed: Image[] = [];
      for await (const image of pixdock.images.list()) listed.push(image);
      const names = new Set(listed.map(({ externalId }) => externalId));
      const owned = new Set(listed.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key)));
      const stray = (await listKeys(stack)).filter((name) => !owned.has(name));
      return {
        lost: finals.filter(({ status }) => status !== 'published').length,
        doubled: listed.length - names.size + stray.length,
      };
    },
    async [Symbol.asyncDispose]() {
      for (const line of lines) line.heal();
      await stack.stop();
      for (const line of lines) await line.stop();
    },
  };
}
