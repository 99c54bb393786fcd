import type { ServerResponse } from 'node:http';

/** Calls `listener` once the response has ended, or its connection is closed. */
export function whenClosed(outgoing: ServerResponse, listener: () => void): void {
  if (outgoing.closed) listener();
  else outgoing.once('close', listener);
}
