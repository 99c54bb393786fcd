import { until } from '../harness/client.js';
import type { Reply } from './exchange.js';

/** The Idempotency-Key of a dead request is claimed for 20 s, and a service starts slowly on a busy machine. */
const PATIENCE_S = 120;

/** Repeats a request under the same key until it is accepted, as a client should. Returns the id. */
export async function untilAccepted(send: () => Promise<Reply | null>): Promise<string> {
  let last: Reply | null = null;
  const accepted = async () => {
    last = await send();
    return last?.id ?? null;
  };
  return until('a request to be accepted', PATIENCE_S, accepted).catch((error: Error) => {
    throw new Error(`${error.message}; last reply: ${JSON.stringify(last)}`);
  });
}
