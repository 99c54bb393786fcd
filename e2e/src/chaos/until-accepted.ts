import { until } from '../harness/client.js';
import type { Told } from './exchange.js';

/** A key of a request that died is held for 20 s, and on a busy machine a service takes its time to start. */
const PATIENCE_S = 120;

/** Asks as a client should: again, under the same key, until it is accepted. Returns its id. */
export async function untilAccepted(send: () => Promise<Told | null>): Promise<string> {
  let last: Told | null = null;
  const accepted = async () => {
    last = await send();
    return last?.id ?? null;
  };
  return until('a request to be accepted', PATIENCE_S, accepted).catch((error: Error) => {
    throw new Error(`${error.message}; it was told last: ${JSON.stringify(last)}`);
  });
}
