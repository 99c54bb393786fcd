/*
 * A failing network between the services and Redis. PIXDOCK_LONG=1 makes the outages as long as in docs/reliability.md:
 * a cut of 30 s instead of 6 s, and every n-th piece for more n.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import { type ApiResponse, ask, until } from '../../harness/client.js';
import {
  acceptedOf,
  expectPrompt,
  expectPublished,
  type ProxiedStack,
  type Sent,
  send,
  smallPhoto,
  startProxiedStack,
} from '../support.js';

export const IS_LONG = process.env.PIXDOCK_LONG === '1';
export const CUT_MS = IS_LONG ? 30_000 : 6000;
/** More than the pieces of an accepted upload with a key. */
export const PIECES = 14;
export const SCENARIO_MS = 120_000;

export interface Network {
  readonly stack: ProxiedStack;
  /** The images accepted so far. */
  ids: string[];
  untilReady(): Promise<true>;
  /** Expects that each response was in time, the next upload is accepted, and every accepted image is published. */
  expectWell(sent: readonly Sent[]): Promise<void>;
}

/** All parts with a proxy before Redis, for the tests of one file. */
export function networkInTest(): Network {
  let started: ProxiedStack | null = null;
  const network: Network = {
    get stack() {
      if (started === null) throw new Error('the parts have not been started');
      return started;
    },
    ids: [],
    untilReady: () =>
      until('the API to be ready', 20, async () =>
        (await ask(network.stack, '/readyz')).status === 200 ? true : null,
      ),
    async expectWell(sent) {
      const { stack, ids } = network;
      expectPrompt(sent);
      await network.untilReady();
      const after = await send(stack, `after-${ids.length}`, await smallPhoto());
      expect(after.response).toMatchObject({ status: 202 });
      ids.push(...acceptedOf(sent), after.response.body.id);
      await expectPublished(stack, ids);
    },
  };
  beforeAll(async () => {
    started = await startProxiedStack();
  });
  afterAll(() => started?.stop());
  return network;
}

/** A request whose first response was lost may have succeeded. */
export const isMade = ({ status }: Pick<ApiResponse, 'status'>) => status === 201 || status === 202;
