import type { Socket } from 'node:net';
import type { Destination } from '@pixdock/shared/runtime/sources/judge-address';
import { unreachable } from './fault.js';
import { checkedAddresses } from './guard.js';
import { MAX_CONNECT_TRIES } from './limits.js';
import type { Connect, Resolve } from './types.js';

/** How to find and reach a host. */
export interface Network {
  resolve: Resolve;
  connect: Connect;
}

/**
 * Connects to a destination at a checked address.
 * @throws SourceFault source_forbidden, source_unreachable; the signal's reason
 */
export async function openConnection(
  destination: Destination,
  { resolve, connect }: Network,
  isRedirect: boolean,
  signal: AbortSignal,
): Promise<Socket> {
  const addresses = await orAborted(checkedAddresses(destination, resolve, isRedirect, signal), signal).catch(
    (error) => {
      throw unreachable('source-name-unresolved', error);
    },
  );
  const { port, host, url } = destination;
  let fault: unknown = null;
  for (const address of addresses.slice(0, MAX_CONNECT_TRIES)) {
    signal.throwIfAborted();
    try {
      return await connect({ address, port, tlsName: url.protocol === 'https:' ? host : null }, signal);
    } catch (error) {
      fault = error;
    }
  }
  throw fault === null
    ? unreachable('source-name-unresolved', null)
    : unreachable('source-not-connected', fault);
}

/** getaddrinfo cannot be canceled; its result is ignored after an abort. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
